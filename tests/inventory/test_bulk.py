"""Many SKUs in one call: all or none, and in the order in which everybody locks."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.inventory import services
from app.platform.db import transaction
from app.platform.ids import new_id
from tests.buyers import Buyer, make_buyer, shelf
from tests.database import count, lock_waiters, rows
from tests.waiting import wait

PATH = "/v1/admin/inventory/adjustments"


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    return make_buyer(client, role="admin")


def levels() -> list[tuple[Any, ...]]:
    """SKU, units on hand and reserved."""
    return rows("SELECT sku, on_hand, reserved FROM stock_levels ORDER BY sku")


def test_changes_and_counts_go_together(admin: Buyer) -> None:
    first, second = shelf(stock=5), shelf(stock=5)
    items = [
        {"sku": first.sku, "change": 3, "reason": "received"},
        {"sku": second.sku, "on_hand": 1, "note": "after the flood"},
    ]

    answer = admin.post(PATH, {"items": items})

    assert answer.status_code == 201
    shown = {item["sku"]: item["on_hand"] for item in answer.get_json()["items"]}
    assert shown == {first.sku: 8, second.sku: 1}
    assert rows("SELECT change, reason, note FROM stock_movements ORDER BY id")[2:] == [
        (3, "received", None),
        (-4, "counted", "after the flood"),
    ]


@pytest.mark.parametrize("wrong", [{"sku": "NONE", "change": 1}, {"sku": "SECOND", "change": -6}])
def test_one_that_cannot_be_done_leaves_all_undone(admin: Buyer, wrong: dict[str, Any]) -> None:
    shelf(stock=5, variants=[{"sku": "FIRST", "price": {"amount": 1000, "currency": "USD"}}])
    shelf(stock=5, variants=[{"sku": "SECOND", "price": {"amount": 1000, "currency": "USD"}}])
    events = count("events")

    answer = admin.post(PATH, {"items": [{"sku": "FIRST", "change": 1}, wrong]})

    assert answer.status_code == (404 if wrong["sku"] == "NONE" else 409)
    assert levels() == [("FIRST", 5, 0), ("SECOND", 5, 0)]
    assert (count("stock_movements"), count("events")) == (2, events)


def test_a_shelf_holds_a_million_units_at_most(admin: Buyer) -> None:
    full, other = shelf(stock=0), shelf(stock=5)
    events = count("events")
    million = {"sku": full.sku, "change": 1_000_000}

    answer = admin.post(PATH, {"items": [{"sku": other.sku, "change": 1}, million, million]})

    assert (answer.status_code, answer.get_json()["errors"].keys()) == (422, {"change"})
    assert sorted(levels()) == sorted([(full.sku, 0, 0), (other.sku, 5, 0)])
    assert (count("stock_movements"), count("events")) == (1, events)
    assert admin.post(PATH, {"items": [million]}).status_code == 201
    assert admin.post(PATH, {"items": [million | {"change": 1}]}).status_code == 422
    assert admin.post(PATH, {"items": [million | {"change": -1}]}).status_code == 201


def test_what_comes_back_finds_its_place_on_a_full_shelf(admin: Buyer) -> None:
    lamp, buyer = shelf(stock=5), new_id()
    with transaction() as session:
        services.reserve(session, holder_id=buyer, quantities={lamp.variant_id: 2})
        services.commit(session, holder_id=buyer)
    assert admin.post(PATH, {"items": [{"sku": lamp.sku, "on_hand": 1_000_000}]}).status_code == 201

    with transaction() as session:
        services.take_back(session, holder_id=buyer, quantities={lamp.variant_id: 2}, reference="r")

    assert levels() == [(lamp.sku, 1_000_002, 0)]
    assert admin.post(PATH, {"items": [{"sku": lamp.sku, "change": -1}]}).status_code == 201
    assert levels() == [(lamp.sku, 1_000_001, 0)]


def test_a_sellers_list_with_somebody_elses_sku_is_not_found(client: FlaskClient) -> None:
    theirs, seller = shelf(stock=5), make_buyer(client, role="seller")

    assert seller.post(PATH, {"items": [{"sku": theirs.sku, "change": 1}]}).status_code == 404
    assert levels() == [(theirs.sku, 5, 0)]


def test_under_one_key_it_is_done_once(admin: Buyer) -> None:
    lamp = shelf(stock=5)

    for _ in range(2):
        admin.post(PATH, {"items": [{"sku": lamp.sku, "change": 1}]}, key="once")

    assert levels() == [(lamp.sku, 6, 0)]


@pytest.mark.parametrize(
    "items",
    [
        *([], [{}], [{"sku": "A"}], None, [{"sku": "A", "change": 1, "x": 1}]),
        [{"sku": "A", "on_hand": 1, "reason": "lost"}],
    ],
)
def test_a_list_that_does_not_fit_is_refused(admin: Buyer, items: Any) -> None:
    assert admin.post(PATH, {"items": items}).status_code == 422


def test_it_waits_for_a_buyer_instead_of_deadlocking_over_the_order(admin: Buyer) -> None:
    """The names sort against the ids, by which a buyer locks."""
    made = [shelf(variants=[{"sku": sku, "price": {"amount": 1, "currency": "USD"}}]) for sku in ("Z", "A")]
    first, second = sorted(product.variant_id for product in made)
    items = [{"sku": sku, "change": 1} for sku in ("A", "Z")]

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            services.reserve(session, holder_id=new_id(), quantities={first: 1})
            answer = pool.submit(admin.post, PATH, {"items": items})
            wait(lambda: lock_waiters() > 0)
            services.reserve(session, holder_id=new_id(), quantities={second: 1})
        assert answer.result(timeout=10).status_code == 201

    assert levels() == [("A", 6, 1), ("Z", 6, 1)]
