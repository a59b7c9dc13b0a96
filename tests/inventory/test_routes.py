"""Stock over HTTP, for those who keep it."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.inventory import services
from app.platform.db import transaction
from app.platform.ids import new_id
from tests.buyers import Buyer, make_buyer, shelf
from tests.database import change, count, rows
from tests.factories import MadeProduct, bearer, make_user


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    return make_buyer(client, role="admin")


@pytest.fixture
def lamp(client: FlaskClient) -> MadeProduct:
    """Five units in stock."""
    return shelf(stock=5)


def owner_of(client: FlaskClient, product: MadeProduct) -> Buyer:
    """The seller of a product, signed in."""
    change("UPDATE users SET email = 'owner@example.com' WHERE id = :id", id=product.seller_id)
    return Buyer(client, bearer(client, "owner@example.com"))


def adjust(somebody: Buyer, product: MadeProduct, **body: Any) -> TestResponse:
    """Ask for a change of stock."""
    return somebody.post(f"/v1/admin/inventory/{product.sku}/adjustments", body)


def promise(product: MadeProduct, units: int) -> None:
    """Reserve units for somebody."""
    with transaction() as session:
        services.reserve(session, holder_id=new_id(), quantities={product.variant_id: units})


def test_an_admin_receives_units(admin: Buyer, lamp: MadeProduct) -> None:
    answer = adjust(admin, lamp, change=7, reason="received", note="a pallet")

    assert answer.status_code == 201
    assert answer.get_json() == {
        "sku": lamp.sku,
        "variant_id": str(lamp.variant_id),
        "on_hand": 12,
        "reserved": 0,
        "available": 12,
        "low_stock_threshold": 0,
    }
    moved = "SELECT change, reason, note, actor LIKE 'user:%' FROM stock_movements ORDER BY id"
    (movement,) = rows(moved)[1:]
    assert movement == (7, "received", "a pallet", True)
    topic, payload = rows("SELECT topic, payload FROM events ORDER BY sequence DESC LIMIT 1")[0]
    assert topic == "inventory.stock_adjusted"
    assert payload == {"variant_id": str(lamp.variant_id), "change": 7, "reason": "received"}


def test_the_owning_seller_may_do_all_of_it(client: FlaskClient, lamp: MadeProduct) -> None:
    seller, path = owner_of(client, lamp), f"/v1/admin/inventory/{lamp.sku}"

    assert adjust(seller, lamp, change=-1, reason="damaged").get_json()["on_hand"] == 4
    assert adjust(seller, lamp, on_hand=9).get_json()["on_hand"] == 9
    changed = client.patch(path, json={"low_stock_threshold": 10}, headers=seller.headers)
    assert (changed.status_code, changed.get_json()["low_stock_threshold"]) == (200, 10)
    assert seller.get(path).get_json()["available"] == 9
    moved = [(item["change"], item["reason"]) for item in seller.get(f"{path}/movements").get_json()["items"]]
    assert moved == [(5, "counted"), (-1, "damaged"), (5, "received")]
    assert [each["sku"] for each in seller.get("/v1/admin/inventory?low=true").get_json()["items"]] == [
        lamp.sku
    ]


def test_what_was_counted_is_what_is_there_even_when_nothing_changes(admin: Buyer, lamp: MadeProduct) -> None:
    assert adjust(admin, lamp, on_hand=5).get_json()["on_hand"] == 5
    assert count("stock_movements") == 1

    assert adjust(admin, lamp, on_hand=0, reason="counted").get_json()["on_hand"] == 0
    assert rows("SELECT change, reason FROM stock_movements ORDER BY id")[1:] == [(-5, "counted")]


@pytest.mark.parametrize("body", [{"change": -3}, {"on_hand": 2}])
def test_promised_units_are_not_taken_away(admin: Buyer, lamp: MadeProduct, body: dict[str, int]) -> None:
    promise(lamp, 3)

    answer = adjust(admin, lamp, **body)

    problem = answer.get_json()
    assert (answer.status_code, problem["type"]) == (409, "/problems/stock-is-promised")
    assert (problem["on_hand"], problem["reserved"]) == (5, 3)
    assert rows("SELECT on_hand, reserved FROM stock_levels") == [(5, 3)]
    assert count("stock_movements") == 1
    assert adjust(admin, lamp, change=-2).status_code == 201


def test_another_seller_finds_nothing_and_a_customer_has_no_business_here(
    client: FlaskClient, lamp: MadeProduct
) -> None:
    path = f"/v1/admin/inventory/{lamp.sku}"
    for role, expected in (("seller", 404), ("customer", 403)):
        somebody = make_buyer(client, role=role)
        assert adjust(somebody, lamp, change=1).status_code == expected
        assert somebody.get(path).status_code == expected
        assert somebody.get(f"{path}/movements").status_code == expected
        patched = client.patch(path, json={"low_stock_threshold": 1}, headers=somebody.headers)
        assert patched.status_code == expected
    assert client.get(path).status_code == 401
    assert make_buyer(client, "seller").get("/v1/admin/inventory").get_json()["items"] == []
    assert rows("SELECT on_hand, low_stock_threshold FROM stock_levels") == [(5, 0)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "change"),
        ({"change": 0}, "change"),
        ({"change": 1, "on_hand": 1}, "change"),
        ({"change": 1.5}, "change"),
        ({"change": "1"}, "change"),
        ({"change": True}, "change"),
        ({"change": 1_000_001}, "change"),
        ({"on_hand": -1}, "on_hand"),
        ({"change": 1, "reason": "sale"}, "reason"),
        ({"on_hand": 4, "reason": "damaged"}, "reason"),
        ({"change": 1, "note": ""}, "note"),
        ({"change": 1, "sku": "x"}, "sku"),
    ],
)
def test_a_body_that_does_not_fit_names_the_field(
    admin: Buyer, lamp: MadeProduct, body: dict[str, Any], field: str
) -> None:
    answer = adjust(admin, lamp, **body)

    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [field]
    assert rows("SELECT on_hand FROM stock_levels") == [(5,)]


@pytest.mark.parametrize("threshold", [-1, 1.5, None, 1_000_001])
def test_a_threshold_that_does_not_fit_is_refused(admin: Buyer, lamp: MadeProduct, threshold: Any) -> None:
    answer = admin.client.patch(
        f"/v1/admin/inventory/{lamp.sku}", json={"low_stock_threshold": threshold}, headers=admin.headers
    )

    assert answer.status_code == 422


def test_a_sku_that_does_not_exist_is_not_found(admin: Buyer) -> None:
    assert admin.get("/v1/admin/inventory/NONE").status_code == 404
    assert admin.get("/v1/admin/inventory/NONE/movements").status_code == 404
    answer = admin.post("/v1/admin/inventory/NONE/adjustments", {"change": 1})
    assert answer.status_code == 404


def test_an_adjustment_under_one_key_is_made_once(admin: Buyer, lamp: MadeProduct) -> None:
    path = f"/v1/admin/inventory/{lamp.sku}/adjustments"

    answers = [admin.post(path, {"change": 1}, key="once") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert rows("SELECT on_hand FROM stock_levels") == [(6,)]


def test_lists_are_read_in_pages(admin: Buyer, lamp: MadeProduct) -> None:
    others = [shelf(stock=1) for _ in range(4)]
    for units in (1, 2, 3):
        adjust(admin, lamp, change=units)
    base = f"/v1/admin/inventory/{lamp.sku}/movements"

    skus = pages(admin, "/v1/admin/inventory", "sku")
    changes = pages(admin, base, "change")

    assert skus == sorted(each.sku for each in (lamp, *others))
    assert changes == [3, 2, 1, 5]
    nul = "WyJcdTAwMDAiXQ"  # a text that the database cannot compare with
    for wrong in ("limit=0", "limit=101", "cursor=x", f"cursor={nul}", "lo=true"):
        assert admin.get(f"/v1/admin/inventory?{wrong}").status_code == 422


def pages(somebody: Buyer, path: str, field: str) -> list[Any]:
    """One field of every item of a list, two items at a time."""
    seen: list[Any] = []
    query = "?limit=2"
    while query:
        page = somebody.get(path + query).get_json()
        seen += [item[field] for item in page["items"]]
        query = f"?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    return seen


def test_only_what_is_low_is_listed_when_asked(admin: Buyer, lamp: MadeProduct) -> None:
    with transaction() as session:
        make_user(session)
        services.set_threshold(session, sku=lamp.sku, threshold=2)
    low = "/v1/admin/inventory?low=true"
    assert admin.get(low).get_json()["items"] == []

    promise(lamp, 3)

    assert [(item["sku"], item["available"]) for item in admin.get(low).get_json()["items"]] == [
        (lamp.sku, 2)
    ]
