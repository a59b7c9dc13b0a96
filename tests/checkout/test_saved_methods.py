"""Paying with a saved card: at once, once, and otherwise when it cannot be."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.payments.gateway.calling import client as stripe_client
from app.payments.gateway.stripe import StripeCounter
from tests.browser import open_page, submit
from tests.buyers import Buyer, Purchase, make_buyer, make_guest, shelf
from tests.database import change, count, rows
from tests.factories import MadeProduct
from tests.sales import PAID, PENDING, state, topics
from tests.stand_in import API_KEY, StandIn
from tests.wallets import begin, listed, remove, save, tell_last
from tests.webhooks import deliver_all
from tests.work import drain, make_due

CREATE = {"path": "/v1/payment_intents", "method": "POST", "exact": True}
DECLINED = "pm_card_chargeCustomerFail"
ASKS_ITS_OWNER = "pm_card_authenticationRequired"


@pytest.fixture
def product(client: FlaskClient) -> MadeProduct:
    return shelf()


@pytest.fixture
def ada(client: FlaskClient, stripe: StandIn, product: MadeProduct) -> Buyer:
    """Somebody with two units in the cart."""
    buyer = make_buyer(client)
    buyer.put(product)
    return buyer


@pytest.fixture
def impatient(app: Flask, stripe: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter waits a fifth of a second."""
    asked = stripe_client(api_key=API_KEY, base=stripe.url, timeout=(1, 0.2), retries=0)
    monkeypatch.setitem(app.extensions, "payment_gateway", StripeCounter(asked))


def pay_with(ada: Buyer, method: dict[str, Any], **more: Any) -> TestResponse:
    return ada.check_out(payment_method_id=method["id"], **more)


def bought(ada: Buyer, product: MadeProduct, answer: TestResponse) -> Purchase:
    body = answer.get_json()
    payment = body["payment"]
    return Purchase(
        ada, product, UUID(body["order"]["id"]), UUID(payment["id"]), payment["provider_id"] or ""
    )


def attach(ada: Buyer, stripe: StandIn, card: str) -> dict[str, Any]:
    """A card that comes to its customer without its owner being asked."""
    begin(ada)
    ((customer_id,),) = rows("SELECT provider_id FROM provider_customers")
    stripe.client.v1.payment_methods.attach(card, {"customer": str(customer_id)})
    tell_last(ada, stripe, "payment_method.attached")
    return listed(ada)[0]


def payment_of(ada: Buyer, sale: Purchase) -> dict[str, Any]:
    shown: dict[str, Any] = ada.get(f"/v1/payments/{sale.payment_id}").get_json()
    return shown


def test_the_answer_is_a_paid_order_and_the_work_that_follows_changes_nothing(
    ada: Buyer, stripe: StandIn, product: MadeProduct
) -> None:
    answer = pay_with(ada, save(ada, stripe))

    body = answer.get_json()
    sale = bought(ada, product, answer)
    (intent,) = stripe.books()["payment_intents"]
    assert (answer.status_code, body["order"]["status"], body["payment"]["status"]) == (
        201,
        "paid",
        "succeeded",
    )
    assert body["payment"]["method"] == {"kind": "card", "brand": "visa", "last4": "4242"}
    assert (body["payment"]["client_secret"], body["payment"]["last_error"]) == (None, None)
    assert rows("SELECT provider_id FROM provider_customers") == [(intent["customer"],)]
    deliver_all(ada.client, stripe)
    drain()
    assert state(sale) == PAID
    assert (topics(sale).count("orders.paid"), len(stripe.books()["charges"])) == (1, 1)


def test_repeating_it_in_whatever_way_pays_once(ada: Buyer, stripe: StandIn, product: MadeProduct) -> None:
    method = save(ada, stripe)

    answers = [pay_with(ada, method, key=key) for key in ("a-key", "a-key", "another-key")]

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert len({answer.get_json()["payment"]["id"] for answer in answers}) == 1
    assert (count("orders"), len(stripe.books()["charges"])) == (1, 1)


def test_a_declined_card_leaves_a_payment_that_can_be_paid_otherwise(
    ada: Buyer, stripe: StandIn, product: MadeProduct
) -> None:
    answer = pay_with(ada, save(ada, stripe, DECLINED))

    payment, sale = answer.get_json()["payment"], bought(ada, product, answer)
    declined = state(sale)
    stripe.confirm(sale.provider_id)
    deliver_all(ada.client, stripe)
    drain()

    assert (answer.status_code, payment["status"], declined) == (201, "open", PENDING)
    assert (payment["last_error"]["code"], payment["client_secret"] is None) == ("card_declined", False)
    assert topics(sale).count("payments.declined") == 1
    assert state(sale) == PAID
    assert len(stripe.books()["payment_intents"]) == 1


def test_a_bank_that_asks_the_owner_is_left_to_the_card_form(
    ada: Buyer, stripe: StandIn, product: MadeProduct
) -> None:
    answer = pay_with(ada, attach(ada, stripe, ASKS_ITS_OWNER))

    payment, sale = answer.get_json()["payment"], bought(ada, product, answer)
    (intent,) = stripe.books()["payment_intents"]
    page = open_page(intent["next_action"]["use_stripe_sdk"]["stripe_js"])
    submit(page, "authentication", button="Complete authentication")
    deliver_all(ada.client, stripe)
    drain()

    assert (payment["status"], payment["last_error"]) == ("open", None)
    assert (payment["client_secret"], intent["status"]) == (intent["client_secret"], "requires_action")
    assert state(sale) == PAID


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("card", "fault"),
    [
        ("pm_card_visa", {"outcome": "lost"}),
        ("pm_card_visa", {"outcome": "lost", "when": "after"}),
        (DECLINED, {"outcome": "lost", "when": "after"}),
    ],
)
def test_what_the_counter_does_not_hear_of_is_done_once_by_a_worker(
    ada: Buyer, stripe: StandIn, product: MadeProduct, card: str, fault: dict[str, Any]
) -> None:
    method = save(ada, stripe, card)
    stripe.order("faults", CREATE | fault)

    answer = pay_with(ada, method)
    sale = bought(ada, product, answer)
    make_due()
    drain()

    assert (answer.status_code, answer.get_json()["payment"]["status"]) == (202, "creating")
    assert state(sale) == (PENDING if card == DECLINED else PAID)
    assert [len(stripe.books()[kind]) for kind in ("payment_intents", "charges")] == [1, 1]
    assert payment_of(ada, sale)["status"] == ("open" if card == DECLINED else "succeeded")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_card_is_not_charged_when_nobody_waits_for_it_any_more(
    ada: Buyer, stripe: StandIn, product: MadeProduct, when: str
) -> None:
    method = save(ada, stripe)
    stripe.order("faults", CREATE | {"outcome": "lost", "when": when})

    sale = bought(ada, product, pay_with(ada, method))
    # The provider does not remember the key; what it has made shows in its list, which is believed later.
    stripe.in_books("DELETE FROM keys")
    statuses = []
    for age in (11, 61):
        change("UPDATE payments SET sent_at = now() - make_interval(secs => :age)", age=age)
        make_due()
        drain()
        statuses.append(payment_of(ada, sale)["status"])

    payment = payment_of(ada, sale)
    assert statuses == ["creating", "succeeded" if when == "after" else "open"]
    assert len(stripe.books()["payment_intents"]) == 1
    if when == "after":
        assert (state(sale), payment["last_error"]) == (PAID, None)
    else:
        assert (state(sale), stripe.books()["charges"]) == (PENDING, [])
        assert (payment["last_error"]["code"], payment["client_secret"] is None) == ("not_in_time", False)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", [None, {"outcome": "lost"}, {"outcome": "lost", "when": "after"}])
def test_a_card_that_the_provider_takes_no_more_is_left_out(
    ada: Buyer, stripe: StandIn, product: MadeProduct, fault: dict[str, Any] | None
) -> None:
    method = save(ada, stripe)
    ((provider_id,),) = rows("SELECT provider_id FROM saved_methods")
    stripe.client.v1.payment_methods.detach(str(provider_id))
    if fault:  # befalls the second call, which is without the card
        stripe.order("faults", CREATE | {"outcome": 400, "calls": 1})
        stripe.order("faults", CREATE | fault)

    answer = pay_with(ada, method)
    sale = bought(ada, product, answer)
    make_due()
    drain()
    payment = payment_of(ada, sale)
    stripe.confirm(payment["provider_id"])
    deliver_all(ada.client, stripe)
    drain()

    assert answer.status_code == (202 if fault else 201)
    assert payment["status"] == "open"
    assert payment["last_error"]["message"].startswith("The saved payment method could not be charged.")
    assert len(stripe.books()["payment_intents"]) == 1
    assert state(sale) == PAID


def test_another_card_is_another_attempt_at_the_same_order(
    ada: Buyer, stripe: StandIn, product: MadeProduct
) -> None:
    failing, visa = save(ada, stripe, DECLINED), save(ada, stripe)
    first = pay_with(ada, failing)
    order_id = first.get_json()["order"]["id"]

    other_wish = pay_with(ada, visa)
    body = {"payment_flow": "payment_intent", "payment_method_id": visa["id"]}
    attempt = ada.post(f"/v1/orders/{order_id}/payments", body, key="again")
    drain()

    assert (other_wish.status_code, other_wish.get_json()["order_id"]) == (409, order_id)
    assert attempt.status_code == 201
    assert state(bought(ada, product, first)).order == PAID.order
    assert sorted(intent["status"] for intent in stripe.books()["payment_intents"]) == [
        "canceled",
        "succeeded",
    ]


def test_only_what_is_the_buyers_own_and_not_removed_pays(
    client: FlaskClient, ada: Buyer, stripe: StandIn
) -> None:
    eve, guest = make_buyer(client), make_guest(client)
    of_eve, removed = save(eve, stripe), save(ada, stripe)
    remove(ada, removed["id"])
    guest.put(shelf())

    strange = [pay_with(ada, {"id": each}) for each in (of_eve["id"], removed["id"], str(uuid4()))]
    of_guest = pay_with(guest, of_eve)
    hosted = pay_with(eve, of_eve, payment_flow="checkout_session")

    assert [answer.status_code for answer in strange] == [404, 404, 404]
    assert len({answer.get_json()["detail"] for answer in strange}) == 1
    for refused in (of_guest, hosted):
        assert (refused.status_code, refused.get_json()["errors"].keys()) == (422, {"payment_method_id"})
    assert (count("orders"), stripe.books()["payment_intents"]) == (0, [])
