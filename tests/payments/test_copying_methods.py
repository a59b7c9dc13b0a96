"""Our copy of what users have saved is right whatever is lost, late, doubled or refused on its way."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.events.events import SlotReached
from app.events.services import publish
from app.payments.gateway.calling import client as stripe_client
from app.payments.gateway.protocol import ProviderMethod
from app.payments.gateway.stripe import StripeCounter
from app.payments.services import copying
from app.platform.clock import now
from app.platform.db import transaction
from tests.buyers import Buyer, make_buyer
from tests.database import count, rows
from tests.stand_in import API_KEY, StandIn
from tests.wallets import METHODS, begin, enter, let_time_pass, listed, remove, save, tell_last
from tests.work import drain, make_due


@pytest.fixture
def ada(client: FlaskClient, stripe: StandIn) -> Buyer:
    return make_buyer(client)


@pytest.fixture
def impatient(app: Flask, stripe: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter waits a fifth of a second."""
    asked = stripe_client(api_key=API_KEY, base=stripe.url, timeout=(1, 0.2), retries=0)
    monkeypatch.setitem(app.extensions, "payment_gateway", StripeCounter(asked))


def look_out() -> list[str]:
    """What beat starts every minute, when it is time to ask, and the work that follows."""
    let_time_pass()
    with transaction() as session:
        publish(session, SlotReached("payments.look_out_for_methods", now()))
    return drain()


def refused(answer: TestResponse) -> bool:
    return (answer.status_code, answer.headers.get("Retry-After")) == (503, "2")


def face(provider_id: str, last4: str) -> ProviderMethod:
    return ProviderMethod(
        provider_id=provider_id, kind="card", brand="visa", last4=last4, exp_month=1, exp_year=2040
    )


def copy(ada: Buyer, asked: copying.Question, seen: Sequence[ProviderMethod] | None) -> list[str]:
    """Record a list; what is shown then."""
    with transaction() as session:
        copying.record(session, asked, seen)
    return [each["last4"] for each in listed(ada)]


def ask() -> copying.Question:
    ((user_id,),) = rows("SELECT user_id FROM provider_customers")
    with transaction() as session:
        asked = copying.question(session, UUID(str(user_id)))
    assert asked is not None
    return asked


def test_a_card_of_which_no_event_tells_is_found(ada: Buyer, stripe: StandIn) -> None:
    setup = begin(ada)
    too_early = look_out()
    enter(stripe, setup)

    ran = look_out()

    assert too_early == ran == ["payments.look_out_for_methods", "payments.copy_methods"]
    assert [each["last4"] for each in listed(ada)] == ["4242"]
    assert look_out() == ["payments.look_out_for_methods"]  # it has come, and nothing else is expected


def test_a_card_that_comes_after_its_owner_is_gone_is_removed_here_and_there(
    ada: Buyer, stripe: StandIn
) -> None:
    setup = begin(ada)
    assert ada.client.delete("/v1/users/me", headers=ada.headers).status_code == 204
    drain()
    enter(stripe, setup)

    ran = look_out()

    copied = "payments.copy_methods"
    assert ran == ["payments.look_out_for_methods", copied, "payments.detach_method", copied]
    assert [each for each in stripe.books()["payment_methods"] if each["customer"]] == []
    assert count("saved_methods") == 0


def test_what_never_comes_is_not_looked_out_for_for_ever(ada: Buyer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "MOST_ASKS", 2)
    begin(ada)

    asked = [len(look_out()) for _ in range(4)]

    assert asked == [2, 2, 1, 1]
    assert rows("SELECT asks, ask_after FROM provider_customers") == [(2, None)]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("path", ["/v1/customers", "/v1/setup_intents"])
@pytest.mark.parametrize(
    "fault",
    [
        {"outcome": 500},
        {"outcome": 500, "kept": True},
        {"outcome": "lost"},
        {"outcome": "lost", "when": "after"},
    ],
)
def test_a_provider_that_fails_is_asked_again_and_makes_each_thing_once(
    ada: Buyer, stripe: StandIn, path: str, fault: dict[str, Any]
) -> None:
    stripe.order("faults", {"path": path, "method": "POST"} | fault)

    first = ada.post(METHODS, key="a-key")
    again = ada.post(METHODS, key="a-key")
    if refused(again):  # a failure that is kept under the customer's key; the next has another
        again = ada.post(METHODS, key="a-key")

    assert refused(first)
    assert again.status_code == 201
    assert len(stripe.books()["customers"]) == 1
    assert [each["id"] for each in stripe.books()["setup_intents"]] == [again.get_json()["provider_id"]]


def test_a_removal_that_fails_at_the_provider_is_repeated(ada: Buyer, stripe: StandIn) -> None:
    method = save(ada, stripe)
    stripe.order("faults", {"path": "/v1/payment_methods/*/detach", "outcome": 500, "calls": 2})
    assert remove(ada, method["id"]) == 204

    first = drain()
    tell_last(ada, stripe, "payment_method.attached")  # late, and the provider's list still has it
    in_between = listed(ada)
    make_due()
    drain()

    assert first == ["payments.detach_method"]
    assert in_between == listed(ada) == []
    assert [each["customer"] for each in stripe.books()["payment_methods"]] == [None]
    assert count("saved_methods") == 0


def test_a_removal_whose_answer_was_lost_is_done(ada: Buyer, stripe: StandIn) -> None:
    method = save(ada, stripe)
    ((provider_id,),) = rows("SELECT provider_id FROM saved_methods")
    remove(ada, method["id"])
    stripe.client.v1.payment_methods.detach(str(provider_id))

    ran = drain()

    assert ran == ["payments.detach_method", "payments.copy_methods"]
    assert rows("SELECT state FROM deliveries WHERE state <> 'done'") == []
    assert count("saved_methods") == 0


def test_what_is_taken_away_or_changed_at_the_provider_is_so_here(ada: Buyer, stripe: StandIn) -> None:
    save(ada, stripe)
    ((provider_id,),) = rows("SELECT provider_id FROM saved_methods")
    methods = stripe.client.v1.payment_methods
    methods.update(str(provider_id), {"card": {"exp_year": 2041}})
    tell_last(ada, stripe, "payment_method.updated")
    changed = [each["exp_year"] for each in listed(ada)]

    methods.detach(str(provider_id))
    tell_last(ada, stripe, "payment_method.detached")

    assert changed == [2041]
    assert (listed(ada), count("saved_methods")) == ([], 0)


def test_a_customer_that_was_deleted_at_the_provider_begins_anew(ada: Buyer, stripe: StandIn) -> None:
    save(ada, stripe)
    ((customer_id,),) = rows("SELECT provider_id FROM provider_customers")
    stripe.client.v1.customers.delete(str(customer_id))

    without_event = ada.post(METHODS)
    drain()
    gone = listed(ada)

    assert refused(without_event)
    assert gone == []
    assert save(ada, stripe)["is_default"]
    assert rows("SELECT provider_id FROM provider_customers") != [(customer_id,)]


def test_an_event_about_anothers_customer_is_none_of_our_business(ada: Buyer, stripe: StandIn) -> None:
    customer = stripe.client.v1.customers.create()
    stripe.client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})

    ran = tell_last(ada, stripe, "payment_method.attached")

    assert ran == ["settlement.process_event"]
    assert rows("SELECT status FROM provider_events") == [("ignored",)]
    assert count("provider_customers") == 0


def test_a_list_that_comes_late_changes_nothing(ada: Buyer) -> None:
    begin(ada)
    earlier, later = ask(), ask()

    newest = copy(ada, later, [face("pm_2", "2222"), face("pm_3", "3333")])
    shown = copy(ada, earlier, [face("pm_1", "1111"), face("pm_2", "0000")])

    assert newest == shown == ["2222", "3333"]
    assert copy(ada, ask(), [face("pm_3", "3333")]) == ["3333"]
    assert [each["is_default"] for each in listed(ada)] == [False]
    assert copy(ada, ask(), None) == []
    assert count("provider_customers") == 0
