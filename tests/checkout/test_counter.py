"""A cart becomes an order with a payment that can be paid."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.platform import db
from tests.buyers import Buyer, make_buyer, make_guest, purchase, shelf
from tests.carts.statements import counted
from tests.database import count, rows
from tests.factories import money
from tests.sales import ADDRESS, PENDING, TOTAL, state, topics
from tests.stand_in import StandIn
from tests.work import drain

pytestmark = pytest.mark.usefixtures("stripe")


@pytest.fixture
def buyer(client: FlaskClient) -> Buyer:
    return make_buyer(client)


def test_the_answer_has_the_order_and_what_the_card_form_needs(buyer: Buyer, stripe: StandIn) -> None:
    chair, lamp = shelf(price=1000, name="Chair"), shelf(price=333, name="Lamp")
    buyer.put(chair, 2)
    buyer.put(lamp, 1)

    answer = buyer.check_out(gift_message="For Charles")

    body: dict[str, Any] = answer.get_json()
    order, payment = body["order"], body["payment"]
    (intent,) = stripe.books()["payment_intents"]
    assert answer.status_code == 201
    assert re.fullmatch(r"ORD-\d{8}-[0-9A-HJKMNP-TV-Z]{6}", order["number"])
    assert (order["status"], order["payment_status"], order["fulfillment_status"]) == (
        "pending",
        "unpaid",
        "unfulfilled",
    )
    assert order["totals"].pop("tax_included") is False
    assert {name: total["amount"] for name, total in order["totals"].items()} == {
        "subtotal": 2333,
        "discount": 0,
        "shipping": 499,
        "tax": 227,  # 8 percent of 28.32, half a cent rounded up
        "total": 3059,
    }
    assert [(line["name"], line["quantity"], line["line_total"]) for line in order["lines"]] == [
        ("Chair", 2, money(2000)),
        ("Lamp", 1, money(333)),
    ]
    assert (order["shipping_address"], order["billing_address"]) == (ADDRESS, ADDRESS)
    assert order["shipping"]["cost"] == money(499)
    assert order["gift_message"] == "For Charles"
    assert (payment["status"], payment["amount"]) == ("open", money(3059))
    assert (payment["provider_id"], payment["client_secret"]) == (intent["id"], intent["client_secret"])


def test_the_provider_is_asked_for_exactly_what_the_row_says(client: FlaskClient, stripe: StandIn) -> None:
    bought = purchase(client)

    (row,) = rows("SELECT parameters, idempotency_key, provider_id FROM payments")
    parameters, key, provider_id = row
    assert parameters == {
        "amount": TOTAL,
        "currency": "usd",
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        "metadata": {"payment_id": str(bought.payment_id), "order_id": str(bought.order_id)},
    }
    (intent,) = stripe.books()["payment_intents"]
    assert {name: intent[name] for name in parameters} == parameters
    assert intent["id"] == provider_id
    assert [each["key"] for each in stripe.books()["idempotency_keys"]] == [key]


def test_the_stock_is_held_and_nothing_waits_for_a_worker(client: FlaskClient) -> None:
    bought = purchase(client)

    assert state(bought) == PENDING
    assert topics(bought) == ["orders.placed", "payments.opened"]
    assert rows("SELECT state, attempts, failures FROM deliveries WHERE consumer = 'payments.open'") == [
        ("done", 1, 0)
    ]
    assert drain() == []


def test_a_hold_lasts_a_quarter_of_an_hour(client: FlaskClient) -> None:
    purchase(client)

    assert rows("SELECT hold_until - placed_at = interval '15 minutes' FROM orders") == [(True,)]


def test_the_billing_address_may_be_another(buyer: Buyer) -> None:
    buyer.put(shelf())

    order = buyer.check_out(billing_address=ADDRESS | {"city": "Paris", "country": "FR"}).get_json()["order"]

    assert (order["shipping_address"]["city"], order["billing_address"]["city"]) == ("London", "Paris")


def test_the_unchanged_cart_under_another_key_is_the_same_order(buyer: Buyer, stripe: StandIn) -> None:
    buyer.put(shelf())

    answers = [buyer.check_out() for _ in range(2)]

    first, second = (answer.get_json() for answer in answers)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert (first["order"]["id"], first["payment"]) == (second["order"]["id"], second["payment"])
    assert (count("orders"), count("payments"), len(stripe.books()["payment_intents"])) == (1, 1, 1)


@pytest.mark.parametrize(
    "changed", [{"gift_message": "Hello"}, {"shipping_address": ADDRESS | {"line1": "1"}}]
)
def test_another_wish_for_the_same_cart_meets_the_open_order(buyer: Buyer, changed: dict[str, Any]) -> None:
    buyer.put(shelf())
    first = buyer.check_out().get_json()["order"]

    answer = buyer.check_out(**changed)

    assert (answer.status_code, answer.get_json()["type"]) == (409, "/problems/checkout-open")
    assert answer.get_json()["order_id"] == first["id"]
    assert (count("orders"), count("idempotency_keys")) == (1, 1)


def test_a_changed_cart_meets_the_open_order_until_that_is_over(buyer: Buyer) -> None:
    product = shelf()
    buyer.put(product, 1)
    first = buyer.check_out().get_json()["order"]
    buyer.put(product, 1)

    refused = buyer.check_out()
    buyer.post(f"/v1/orders/{first['id']}/cancel")
    drain()
    accepted = buyer.check_out()

    assert (refused.status_code, refused.get_json()["order_id"]) == (409, first["id"])
    assert accepted.status_code == 201
    assert rows("SELECT on_hand, reserved FROM stock_levels") == [(5, 2)]


def test_the_expected_total_lets_it_pass(buyer: Buyer) -> None:
    buyer.put(shelf())

    assert buyer.check_out(expected_total=money(TOTAL)).status_code == 201


@pytest.mark.parametrize("flow", ["payment_intent", "checkout_session"])
def test_a_checkout_of_two_lines_asks_the_database_16_times(app: Flask, buyer: Buyer, flow: str) -> None:
    buyer.put(shelf(), 1)
    buyer.put(shelf(), 2)

    with counted(db.SessionFactory.kw["bind"]) as asked:
        assert buyer.check_out(payment_flow=flow).status_code == 201

    assert len(asked) == 16, "\n".join(asked)


@pytest.mark.parametrize("flow", ["payment_intent", "checkout_session"])
def test_a_guests_checkout_of_two_lines_asks_no_more(client: FlaskClient, flow: str) -> None:
    guest = make_guest(client)
    for product in (shelf(), shelf()):
        guest.put(product)

    with counted(db.SessionFactory.kw["bind"]) as asked:
        assert guest.check_out(payment_flow=flow).status_code == 201

    assert len(asked) == 14, "\n".join(asked)


def test_further_lines_are_no_further_questions_to_the_database(app: Flask, buyer: Buyer) -> None:
    for _ in range(5):
        buyer.put(shelf(), 1)

    with counted(db.SessionFactory.kw["bind"]) as asked:
        assert buyer.check_out().status_code == 201

    assert len(asked) == 16, "\n".join(asked)
    assert rows("SELECT sum(reserved) FROM stock_levels") == [(5,)]
