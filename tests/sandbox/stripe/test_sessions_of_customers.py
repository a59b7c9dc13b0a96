from typing import Any

import pytest
import stripe

from tests.browser import open_page, submit
from tests.stand_in import StandIn

CARD = {"number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123"}


def new_session(stand_in: StandIn, customer: str, **more: Any) -> stripe.checkout.Session:
    params: Any = {
        "mode": "payment",
        "line_items": [
            {
                "price_data": {"currency": "usd", "unit_amount": 1999, "product_data": {"name": "Mug"}},
                "quantity": 1,
            }
        ],
        "success_url": "http://shop.example/done",
        "customer": customer,
        **more,
    }
    return stand_in.client.v1.checkout.sessions.create(params)


def test_a_known_customer_is_not_asked_who_they_are_and_is_on_the_payment(stand_in: StandIn) -> None:
    ada = stand_in.client.v1.customers.create({"email": "ada@example.com"})
    session = new_session(stand_in, ada.id)

    page = open_page(session.url)
    answer = submit(page, "card", **CARD)

    paid = stand_in.client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["customer", "payment_intent.latest_charge"]}
    )
    assert (session.customer, session.customer_email, session.customer_creation) == (ada.id, None, None)
    assert set(page.forms["card"].fields) == {"number", "expiry", "cvc"}
    assert answer.status == 303
    assert isinstance(paid.customer, stripe.Customer)
    assert paid.customer.email == "ada@example.com"
    assert paid.customer_details is not None
    assert paid.customer_details.email == "ada@example.com"
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    assert isinstance(paid.payment_intent.latest_charge, stripe.Charge)
    assert (paid.payment_intent.customer, paid.payment_intent.latest_charge.customer) == (ada.id, ada.id)
    assert stand_in.client.v1.payment_methods.list({"customer": ada.id}).data == []


def test_a_customer_without_an_address_is_asked_and_keeps_the_one_they_paid_with(stand_in: StandIn) -> None:
    nameless = stand_in.client.v1.customers.create()
    session = new_session(stand_in, nameless.id)

    declined = submit(
        open_page(session.url), "card", **{**CARD, "number": "4000000000000002"}, email="typo@example.com"
    )
    between = stand_in.client.v1.customers.retrieve(nameless.id)
    paid = submit(declined, "card", **CARD, email="ada@example.com")

    customer = stand_in.client.v1.customers.retrieve(nameless.id)
    told = [event["type"] for event in stand_in.books()["events"] if event["type"].startswith("customer.")]
    assert (declined.status, between.email) == (402, None)
    assert (paid.status, customer.email) == (303, "ada@example.com")
    assert told == ["customer.created", "customer.updated"]


def test_a_card_can_be_saved_for_the_customer_on_the_page(stand_in: StandIn) -> None:
    ada = stand_in.client.v1.customers.create({"email": "ada@example.com"})
    session = new_session(stand_in, ada.id, payment_intent_data={"setup_future_usage": "off_session"})

    submit(open_page(session.url), "card", **CARD)

    (card,) = stand_in.client.v1.payment_methods.list({"customer": ada.id}).data
    again = stand_in.client.v1.payment_intents.create(
        {
            "amount": 500,
            "currency": "usd",
            "customer": ada.id,
            "payment_method": card.id,
            "confirm": True,
            "off_session": True,
        }
    )
    assert again.status == "succeeded"


def test_sessions_are_listed_by_customer(stand_in: StandIn) -> None:
    ada, bob = (stand_in.client.v1.customers.create({"name": name}) for name in ("Ada", "Bob"))
    session = new_session(stand_in, ada.id)
    new_session(stand_in, bob.id)

    listed = stand_in.client.v1.checkout.sessions.list({"customer": ada.id}).data

    assert [each.id for each in listed] == [session.id]


def test_a_session_is_for_one_existing_customer_or_for_an_address(stand_in: StandIn) -> None:
    ada = stand_in.client.v1.customers.create()

    with pytest.raises(stripe.InvalidRequestError, match="only specify one") as both:
        new_session(stand_in, ada.id, customer_email="ada@example.com")
    with pytest.raises(stripe.InvalidRequestError, match="No such customer") as unknown:
        new_session(stand_in, "cus_nobody")
    with pytest.raises(stripe.InvalidRequestError) as unowned:
        stand_in.new_session(payment_intent_data={"setup_future_usage": "on_session"})

    assert both.value.param == "customer"
    assert (unknown.value.code, unknown.value.param) == ("resource_missing", "customer")
    assert (unowned.value.code, unowned.value.param) == (
        "not_modelled",
        "payment_intent_data[setup_future_usage]",
    )
    assert stand_in.books()["checkout_sessions"] == []
