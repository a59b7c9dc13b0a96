"""What cannot be sold leaves nothing behind: no order, no event, no reservation, no key."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.catalog import services as catalog
from app.platform.db import transaction
from app.pricing.services import FlatShipping, Rules, SingleTaxRate
from tests.buyers import CHECKOUT, Buyer, make_buyer, shelf
from tests.database import count, rows
from tests.factories import MadeProduct, money
from tests.sales import ADDRESS, TOTAL
from tests.stand_in import StandIn

FREE_OF_EXTRAS = Rules("USD", FlatShipping(0, "USD"), SingleTaxRate(0))
TABLES = ("orders", "order_lines", "payments", "reservations", "idempotency_keys")


@pytest.fixture
def buyer(client: FlaskClient) -> Buyer:
    return make_buyer(client)


@pytest.fixture(autouse=True)
def nothing_is_left_behind(buyer: Buyer, stripe: StandIn) -> Iterator[None]:
    yield
    assert [count(table) for table in TABLES] == [0] * len(TABLES)
    assert rows("SELECT topic FROM events WHERE topic NOT LIKE 'inventory.%'") == []
    assert rows("SELECT coalesce(sum(reserved), 0) FROM stock_levels") == [(0,)]
    assert stripe.books()["payment_intents"] == []


def problem(answer: TestResponse) -> tuple[int, str]:
    """Status and type of a refusal."""
    assert answer.content_type == "application/problem+json"
    return answer.status_code, answer.get_json()["type"]


def archive(product: MadeProduct) -> None:
    with transaction() as session:
        catalog.archive_product(session, product.id)


def test_an_empty_cart(buyer: Buyer) -> None:
    assert problem(buyer.check_out()) == (422, "/problems/cart-empty")


def test_a_cleared_cart(buyer: Buyer) -> None:
    buyer.put(shelf())
    buyer.client.delete("/v1/cart", headers=buyer.headers)

    assert problem(buyer.check_out()) == (422, "/problems/cart-empty")


def test_an_item_that_is_no_longer_sold_is_named(buyer: Buyer) -> None:
    sold, gone = shelf(), shelf()
    buyer.put(sold)
    buyer.put(gone)
    archive(gone)

    answer = buyer.check_out()

    assert problem(answer) == (409, "/problems/items-unavailable")
    assert answer.get_json()["unavailable"] == [str(gone.variant_id)]


def test_a_total_that_has_changed_is_told(buyer: Buyer) -> None:
    buyer.put(shelf())

    answer = buyer.check_out(expected_total=money(TOTAL - 1))

    assert problem(answer) == (409, "/problems/total-changed")
    assert answer.get_json()["total"] == money(TOTAL)


def test_a_total_beyond_what_the_provider_takes_is_refused(buyer: Buyer) -> None:
    buyer.put(shelf(price=50_000_000))

    assert problem(buyer.check_out()) == (422, "/problems/amount-too-large")
    assert (count("orders"), count("reservations")) == (0, 0)


def test_a_total_in_another_currency_is_another_total(buyer: Buyer) -> None:
    buyer.put(shelf())

    assert problem(buyer.check_out(expected_total=money(TOTAL, "EUR")))[0] == 409


def test_each_short_line_is_told_and_none_is_held(buyer: Buyer) -> None:
    plenty, scarce, none = shelf(stock=9), shelf(stock=1), shelf(stock=0)
    for product in (plenty, scarce, none):
        buyer.put(product, 2)

    answer = buyer.check_out()

    assert problem(answer) == (409, "/problems/out-of-stock")
    assert answer.get_json()["shortage"] == [
        {"variant_id": str(each.variant_id), "sku": each.sku, "requested": 2, "available": left}
        for each, left in ((scarce, 1), (none, 0))
    ]


def test_a_total_below_the_providers_minimum(buyer: Buyer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.checkout.routes.current_rules", lambda *_, **__: FREE_OF_EXTRAS)
    buyer.put(shelf(price=49), 1)

    answer = buyer.check_out()

    assert problem(answer) == (422, "/problems/amount-too-small")
    assert "0.50 USD" in answer.get_json()["detail"]


def test_a_shipping_method_that_does_not_exist(buyer: Buyer) -> None:
    buyer.put(shelf())

    answer = buyer.check_out(shipping_method="rocket")

    assert problem(answer) == (422, "/problems/unknown-shipping-method")
    assert answer.get_json()["errors"] == {"shipping_method": ["Choose one of: standard."]}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in CHECKOUT.items() if key != name}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (without("shipping_address"), "shipping_address"),
        (without("shipping_method"), "shipping_method"),
        (without("payment_flow"), "payment_flow"),
        (CHECKOUT | {"payment_flow": "cash"}, "payment_flow"),
        (CHECKOUT | {"shipping_address": ADDRESS | {"country": "uk"}}, "shipping_address.country"),
        (CHECKOUT | {"shipping_address": ADDRESS | {"city": "\x00"}}, "shipping_address.city"),
        (CHECKOUT | {"expected_total": {"amount": 1.5, "currency": "USD"}}, "expected_total.amount"),
        (CHECKOUT | {"expected_total": {"amount": -1, "currency": "USD"}}, "expected_total.amount"),
        (CHECKOUT | {"total": 1}, "total"),
        (CHECKOUT | {"status": "paid"}, "status"),
    ],
)
def test_a_body_that_does_not_fit_names_the_field(buyer: Buyer, body: dict[str, Any], field: str) -> None:
    buyer.put(shelf())

    answer = buyer.post("/v1/checkout", body, key="a")

    assert problem(answer) == (422, "/problems/invalid")
    assert list(answer.get_json()["errors"]) == [field]


@pytest.mark.parametrize("key", [None, "", "a b", "é", "x" * 256])
def test_without_a_proper_key_nothing_is_sold(buyer: Buyer, key: str | None) -> None:
    buyer.put(shelf())
    headers = buyer.headers | ({} if key is None else {"Idempotency-Key": key})

    answer = buyer.client.post("/v1/checkout", headers=headers, json=CHECKOUT)

    expected = "/problems/idempotency-key-missing" if key is None else "/problems/bad-request"
    assert problem(answer) == (400, expected)


def test_nobody_checks_out_without_signing_in(buyer: Buyer, client: FlaskClient) -> None:
    assert client.post("/v1/checkout", json=CHECKOUT, headers={"Idempotency-Key": "a"}).status_code == 401
