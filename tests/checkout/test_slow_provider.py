"""A provider that is slow, wrong or away never makes the counter slow, and never doubles a payment."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.payments.gateway.calling import client
from app.payments.gateway.protocol import PaymentRequest, ProviderPayment
from app.payments.gateway.stripe import StripeGateway
from app.payments.services import payments
from tests.buyers import Buyer, make_buyer, purchase, shelf
from tests.database import change, cut_off, rows
from tests.gateway import FakeGateway
from tests.sales import PAID, state, topics
from tests.stand_in import API_KEY, StandIn
from tests.waiting import wait
from tests.webhooks import deliver, deliver_all, event_about, intent_of
from tests.work import drain, make_due

CREATE = {"path": "/v1/payment_intents", "method": "POST"}


@pytest.fixture
def buyer(client: FlaskClient, stripe: StandIn) -> Buyer:
    """Somebody with two units in the cart."""
    buyer = make_buyer(client)
    buyer.put(shelf())
    return buyer


@pytest.fixture
def impatient(app: Flask, stripe: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter waits a fifth of a second, so that tests need not wait for long."""
    gateway = StripeGateway(client(api_key=API_KEY, base=stripe.url, timeout=(1, 0.2), retries=0))
    monkeypatch.setitem(app.extensions, "payment_gateway", gateway)


def intents(stripe: StandIn) -> int:
    """How many the provider has made."""
    return len(stripe.books()["payment_intents"])


def opened_by_a_worker(buyer: Buyer, payment: str) -> bool:
    """Let a worker try; whether the payment can be paid now. While the first call lasts it is refused."""
    make_due()
    assert set(drain()) <= {"payments.open"}
    return bool(buyer.get(payment).get_json()["status"] == "open")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "fault",
    [
        {"outcome": 500},
        {"outcome": 429},
        {"outcome": 401},
        {"outcome": 403},
        {"outcome": 409},
        {"outcome": "lost"},
        {"outcome": "lost", "when": "after"},
        {"delay_seconds": 0.5},
        {"delay_seconds": 0.5, "when": "after"},
    ],
)
def test_the_order_stands_and_a_worker_opens_its_payment_once(
    buyer: Buyer, stripe: StandIn, fault: dict[str, Any]
) -> None:
    stripe.order("faults", CREATE | fault)

    answer = buyer.check_out()

    body = answer.get_json()
    assert (answer.status_code, body["order"]["status"]) == (202, "pending")
    assert answer.headers["Location"] == f"/v1/payments/{body['payment']['id']}"
    assert answer.headers["Retry-After"] == "1"
    assert (body["payment"]["status"], body["payment"]["client_secret"]) == ("creating", None)
    if "delay_seconds" in fault:
        wait(lambda: intents(stripe) == 1)  # it may come after the counter has given up
    wait(lambda: opened_by_a_worker(buyer, answer.headers["Location"]))
    (intent,) = stripe.books()["payment_intents"]
    shown = buyer.get(answer.headers["Location"]).get_json()
    assert (shown["status"], shown["client_secret"]) == ("open", intent["client_secret"])
    assert [key["key"] for key in stripe.books()["idempotency_keys"]] == [f"payment:{shown['id']}"]


def test_a_refusal_is_told_once_and_forgotten_when_the_provider_takes_the_payment_after_all(
    buyer: Buyer, stripe: StandIn
) -> None:
    stripe.order("faults", CREATE | {"outcome": 400, "code": "account_invalid", "calls": 2})
    answer = buyer.check_out()
    make_due()
    drain()
    path = answer.headers["Location"]
    refused = buyer.get(path).get_json()

    make_due()
    drain()

    told = answer.get_json()["payment"]["last_error"]
    assert (answer.status_code, refused["status"], refused["last_error"]) == (202, "creating", told)
    assert told["code"] == "refused_by_provider"
    about = "topic LIKE 'payments.%' ORDER BY sequence"
    assert rows(f"SELECT topic, payload ->> 'code' FROM events WHERE {about}") == [  # noqa: S608  # our own words
        ("payments.declined", "account_invalid"),
        ("payments.opened", None),
    ]
    shown = buyer.get(path).get_json()
    assert (shown["status"], shown["last_error"], intents(stripe)) == ("open", None, 1)


def test_a_repeated_opening_does_not_believe_the_old_answer(client: FlaskClient, stripe: StandIn) -> None:
    """The provider answers a repeated call as it did at first, though the intent was paid since.

    A repeated call was answered with an intent that was over: openedx/ecommerce #4156.
    """
    stripe.order("faults", CREATE | {"outcome": "lost", "when": "after"})
    bought = purchase(client)
    stripe.confirm(stripe.books()["payment_intents"][0]["id"])

    make_due()
    drain()

    assert state(bought) == PAID


def test_an_error_that_the_provider_keeps_under_the_key_leaves_the_order_waiting(
    buyer: Buyer, stripe: StandIn
) -> None:
    stripe.order("faults", CREATE | {"when": "after", "outcome": 500})
    buyer.check_out()

    make_due()
    drain()

    assert rows("SELECT state FROM deliveries WHERE consumer = 'payments.open'") == [("pending",)]
    assert len(stripe.books()["payment_intents"]) == 1


def test_an_object_behind_an_error_that_the_provider_keeps_is_found_in_its_list(
    buyer: Buyer, stripe: StandIn
) -> None:
    stripe.order("faults", CREATE | {"when": "after", "outcome": 500})
    payment_id = buyer.check_out().get_json()["payment"]["id"]
    change("UPDATE payments SET sent_at = now() - interval '61 s'")

    make_due()

    assert drain() == ["payments.open"]
    (intent,) = stripe.books()["payment_intents"]
    body = buyer.get(f"/v1/payments/{payment_id}").get_json()
    assert (body["status"], body["provider_id"]) == ("open", intent["id"])
    assert body["client_secret"] == intent["client_secret"]


def test_an_object_whose_answer_could_not_be_stored_is_found_again_and_charged_once(
    buyer: Buyer, client: FlaskClient, stripe: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """saleor/apps #2208: an intent was orphaned when its answer could not be stored."""
    record = payments.record_opened

    def lose_the_commit(session: Session, *what: Any) -> None:
        record(session, *what)
        session.flush()
        monkeypatch.undo()  # once
        cut_off(session)

    monkeypatch.setattr(payments, "record_opened", lose_the_commit)

    lost = buyer.check_out(key="mine")

    assert lost.status_code == 503
    assert rows("SELECT status, provider_id FROM payments") == [("creating", None)]
    make_due()
    drain()
    payment = buyer.check_out(key="mine").get_json()["payment"]
    stripe.confirm(payment["provider_id"])
    deliver_all(client, stripe)
    drain()
    (intent,), (charge,) = stripe.books()["payment_intents"], stripe.books()["charges"]
    assert (intent["id"], charge["payment_intent"]) == (payment["provider_id"], payment["provider_id"])
    assert rows("SELECT status, payment_status FROM orders") == [("paid", "paid")]
    assert rows("SELECT status, captured_amount FROM payments") == [("succeeded", charge["amount"])]


@pytest.mark.usefixtures("impatient")
def test_three_timeouts_in_a_row_and_the_counter_asks_no_more(
    app: Flask, client: FlaskClient, stripe: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    stripe.order("faults", CREATE | {"delay_seconds": 0.3, "calls": 3})
    for _ in range(3):
        assert purchase(client).provider_id == ""
    spared = FakeGateway()
    monkeypatch.setitem(app.extensions, "payment_gateway", spared)

    fourth = purchase(client)

    assert (fourth.provider_id, spared.calls) == ("", [])
    wait(lambda: intents(stripe) == 3)  # made after the counter had given up
    assert rows(
        "SELECT state, failures FROM deliveries WHERE consumer = 'payments.open' ORDER BY id DESC LIMIT 1"
    ) == [("pending", 0)]


class FrozenGateway(FakeGateway):
    """Answers only after another worker has taken over."""

    def open(self, request: PaymentRequest) -> ProviderPayment:
        """Sleep past the lease, in effect."""
        seen = super().open(request)
        make_due()
        drain()
        return seen


def test_a_request_that_froze_past_its_lease_commits_nothing_over_the_worker(
    app: Flask, client: FlaskClient, stripe: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "payment_gateway", FrozenGateway())

    bought = purchase(client)

    (intent,) = stripe.books()["payment_intents"]
    assert bought.provider_id == intent["id"]
    assert topics(bought) == ["orders.placed", "payments.opened"]


def test_money_that_is_reported_before_the_opening_call_returns_is_settled_once(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """saleor #19220: a webhook and a completion at once made a second intent."""
    gateway = FakeGateway()

    def pay(made: ProviderPayment) -> None:
        paid = replace(made, status="succeeded", amount_received=made.amount)
        deliver(app.test_client(), event_about(intent_of(paid), "payment_intent.succeeded"))
        drain()

    gateway.while_opening = pay
    monkeypatch.setitem(app.extensions, "payment_gateway", gateway)

    bought = purchase(client)

    assert state(bought) == PAID
    assert rows("SELECT provider_id, client_secret FROM payments") == [("pi_fake", None)]
    assert topics(bought)[:4] == ["orders.placed", "payments.opened", "payments.succeeded", "orders.paid"]
    assert gateway.calls == ["open"]
