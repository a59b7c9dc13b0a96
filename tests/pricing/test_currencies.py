"""Several currencies, over HTTP: prices of variants, the cart's currency, and an order down to its refund."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from app.catalog.services.price_lists import set_prices
from app.platform import settings as installed
from app.platform.db import transaction
from app.pricing.services import zones
from config import Settings
from tests.buyers import Buyer, make_buyer, make_guest, shelf
from tests.checkout.test_coupons import code_of, healthy
from tests.coupons import CODE, make_coupon
from tests.database import change, rows
from tests.factories import MadeProduct, money
from tests.pricing.zones import STANDARD, place
from tests.stand_in import StandIn
from tests.work import drain

FEES = {"JPY": 500, "KWD": 490}
PRICES = [
    {"price": money(1_500, "JPY"), "compare_at_price": money(1_800, "JPY")},
    {"price": money(5_120, "KWD")},
]


@pytest.fixture
def lamp(client: FlaskClient) -> MadeProduct:
    """A lamp with a price in three currencies, which is delivered for one in two of them."""
    lamp, admin = shelf(name="Lamp"), make_buyer(client, "admin")
    path = f"/v1/admin/products/{lamp.id}/variants/{lamp.variant_id}"
    kept = client.patch(path, json={"prices": PRICES}, headers=admin.headers)
    assert kept.status_code == 200, kept.get_json()
    assert kept.get_json()["variants"][0]["prices"] == [
        PRICES[0],
        PRICES[1] | {"compare_at_price": None},
    ]
    with transaction() as session:
        zone = zones.add_zone(session, {"name": "All", "is_default": True, "places": [place(None)]})
        for currency, fee in FEES.items():
            zones.add_rate(session, zone.id, STANDARD | {"currency": currency, "amount": fee})
        make_coupon(session)
        make_coupon(session, "EURO", currency="EUR")
    return lamp


def add(buyer: Buyer, product: MadeProduct, currency: str | None = None, quantity: int = 2) -> Any:
    body = {"variant_id": str(product.variant_id), "quantity": quantity, "currency": currency}
    return buyer.post("/v1/cart/items", body)


def put_currency(buyer: Buyer, currency: str) -> Any:
    return buyer.client.put("/v1/cart/currency", json={"currency": currency}, headers=buyer.headers)


def sums(totals: dict[str, Any], currency: str) -> list[int]:
    """Subtotal, discount, shipping, tax, total: all in this currency."""
    names = ("subtotal", "discount", "shipping", "tax", "total")
    assert {totals[name]["currency"] for name in names} == {currency}
    return [totals[name]["amount"] for name in names]


@pytest.mark.parametrize(
    ("currency", "expected", "unit"),
    [
        # 10 % off 3000; 8 % of 2700 and 500 are 216 and 40; half of 2916 is one of two lamps.
        ("JPY", [3_000, 300, 500, 256, 3_456], 1_458),
        # In tens: 10 % of 10240 are 1020; 8 % of 9710 are 780, of which 740 are of the lamps.
        ("KWD", [10_240, 1_020, 490, 780, 10_490], 4_980),
    ],
)
def test_an_order_is_in_one_currency_from_the_cart_to_stripe_invoice_and_refund(
    client: FlaskClient, stripe: StandIn, lamp: MadeProduct, currency: str, expected: list[int], unit: int
) -> None:
    buyer, admin = make_buyer(client), make_buyer(client, "admin")
    assert add(buyer, lamp, currency).status_code == 201
    refused = buyer.check_out(coupon="EURO")
    cart = client.put("/v1/cart/coupon", json={"coupon": CODE}, headers=buyer.headers).get_json()
    placed = buyer.check_out(expected_total=money(expected[-1], currency)).get_json()
    order, payment = placed["order"], placed["payment"]
    asked = stripe.client.v1.payment_intents.retrieve(payment["provider_id"])
    stripe.confirm(payment["provider_id"])
    buyer.post(f"/v1/payments/{payment['id']}/confirm")
    drain()
    wanted = {"reason": "other", "lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}]}
    back = admin.post(f"/v1/admin/orders/{order['id']}/refunds", wanted, key=str(uuid4()))
    drain()

    assert code_of(refused) == (422, "coupon-not-met")
    assert sums(cart["totals"], currency) == sums(order["totals"], currency) == expected
    assert payment["amount"] == order["totals"]["total"]
    assert (asked.amount, asked.currency) == (expected[-1], currency.lower())
    assert back.get_json()["amount"] == money(unit, currency)
    (given,) = stripe.client.v1.refunds.list({"payment_intent": asked.id}).data
    assert (given.amount, given.currency) == (unit, currency.lower())
    documents = "SELECT kind, total_amount, tax_amount, currency FROM documents ORDER BY kind DESC"
    invoice, note = rows(documents)
    assert invoice == ("invoice", expected[-1], expected[-2], currency)
    assert (note[0], note[1], note[3]) == ("credit_note", unit, currency)
    assert healthy() == []


def test_a_cart_changes_its_currency_and_what_has_no_price_in_it_is_not_sold(
    client: FlaskClient, stripe: StandIn, lamp: MadeProduct
) -> None:
    buyer, guest, chair = make_buyer(client), make_guest(client), shelf(name="Chair")
    add(buyer, lamp)
    add(buyer, chair)

    yen = put_currency(buyer, "JPY").get_json()
    other, priceless = add(buyer, lamp, "KWD"), add(buyer, chair)
    unknown, not_asked = put_currency(buyer, "EUR"), add(guest, lamp, "EUR")
    unsold = buyer.check_out()

    prices = [(item["unit_price"], item["line_total"]["amount"], item["available"]) for item in yen["items"]]
    assert prices == [(money(1_500, "JPY"), 3_000, 5), (money(1_000), 0, 0)]
    assert [item["previous_unit_price"] for item in yen["items"]] == [None, None]
    assert sums(yen["totals"], "JPY") == [3_000, 0, 500, 280, 3_780]
    assert (code_of(other), other.get_json()["currency"]) == ((409, "cart-in-other-currency"), "JPY")
    assert code_of(priceless) == (409, "no-price-in-currency")
    assert code_of(unknown) == code_of(not_asked) == (422, "currency-not-sold")
    assert code_of(unsold) == (409, "items-unavailable")
    assert unsold.get_json()["unavailable"] == [str(chair.variant_id)]

    dollars = put_currency(buyer, "USD").get_json()
    undelivered = buyer.check_out()

    assert sums(dollars["totals"], "USD") == [4_000, 0, 0, 320, 4_320]
    assert code_of(undelivered) == (422, "unknown-shipping-method")
    assert add(guest, lamp, "JPY").get_json()["currency"] == "JPY"
    assert put_currency(make_buyer(client), "KWD").get_json()["currency"] == "KWD"


def test_a_cart_whose_currency_is_sold_in_no_more_is_in_our_own_with_the_next_article(
    client: FlaskClient, lamp: MadeProduct, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer = make_buyer(client)
    add(buyer, lamp, "JPY")
    monkeypatch.setattr(installed, "_installed", [replace(settings, currencies=("USD",))])

    unsold = buyer.check_out()
    cart = add(buyer, lamp).get_json()

    assert code_of(unsold) == (409, "items-unavailable")
    assert sums(cart["totals"], "USD") == [4_000, 0, 0, 320, 4_320]


def test_what_was_bought_in_a_currency_is_ordered_again_in_it_while_it_has_a_price(
    client: FlaskClient, stripe: StandIn, lamp: MadeProduct
) -> None:
    buyer = make_buyer(client)
    add(buyer, lamp, "JPY")
    order = buyer.check_out().get_json()["order"]
    change("DELETE FROM carts")

    begun = buyer.post(f"/v1/orders/{order['id']}/reorder").get_json()
    change("DELETE FROM variant_prices WHERE currency = 'JPY'")
    priceless = buyer.post(f"/v1/orders/{order['id']}/reorder").get_json()

    assert sums(begun["cart"]["totals"], "JPY") == [3_000, 0, 500, 280, 3_780]
    assert begun["left_out"] == []
    assert [(each["reason"], each["quantity"]) for each in priceless["left_out"]] == [("not_sold", 2)]


def test_products_are_shown_at_their_prices_in_a_currency(client: FlaskClient, lamp: MadeProduct) -> None:
    shelf(name="Chair")

    def found(path: str) -> Any:
        return client.get(path).get_json()

    in_yen, in_dollars = found("/v1/products?currency=JPY"), found("/v1/products?currency=USD")
    shown, nothing = found("/v1/products/lamp?currency=JPY"), found("/v1/products/chair?currency=JPY")
    methods = found("/v1/shipping-methods?country=US&currency=JPY")

    assert [(item["name"], item["price"]) for item in in_yen["items"]] == [("Lamp", money(1_500, "JPY"))]
    assert {item["name"]: item["price"] for item in in_dollars["items"]} == dict.fromkeys(
        ("Lamp", "Chair"), money(1_000)
    )
    assert shown["price"] == shown["variants"][0]["price"] == money(1_500, "JPY")
    assert shown["variants"][0]["compare_at_price"] == money(1_800, "JPY")
    assert (nothing["price"], nothing["variants"], nothing["available"]) == (None, [], False)
    assert [each["price"] for each in methods["items"]] == [money(500, "JPY")]


@pytest.mark.parametrize("path", ["/v1/products", "/v1/products/lamp", "/v1/shipping-methods?country=US"])
def test_nothing_is_shown_in_a_currency_that_is_not_sold_in_yet(
    client: FlaskClient, lamp: MadeProduct, path: str
) -> None:
    with transaction() as session:
        euros = {"price": money(1_100, "EUR"), "compare_at_price": None}
        set_prices(session, lamp.variant_id, [euros], own="USD")

    refused = client.get(f"{path}{'&' if '?' in path else '?'}currency=EUR")

    assert code_of(refused) == (422, "currency-not-sold")
    assert refused.get_json()["errors"] == {"currency": ["Choose one of: USD, JPY, KWD."]}


@pytest.mark.parametrize(
    "prices",
    [
        [{"price": money(1_000)}],
        [{"price": money(1_000, "JPY")}, {"price": money(2_000, "JPY")}],
        [{"price": money(1_000, "JPY"), "compare_at_price": money(1_000, "JPY")}],
        [{"price": money(1_000, "JPY"), "compare_at_price": money(2_000, "KWD")}],
        [{"price": money(5_125, "KWD")}],
    ],
)
def test_a_price_list_that_cannot_be_is_refused(client: FlaskClient, prices: list[Any]) -> None:
    lamp, admin = shelf(), make_buyer(client, "admin")
    path = f"/v1/admin/products/{lamp.id}/variants/{lamp.variant_id}"

    answer = client.patch(path, json={"prices": prices}, headers=admin.headers)

    assert (answer.status_code, rows("SELECT * FROM variant_prices")) == (422, [])
