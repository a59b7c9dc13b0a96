"""Orders whose hold is over while nobody knows whether their payment was ever opened."""

import time
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from app.payments.gateway import books
from tests.buyers import Purchase, purchase
from tests.database import change, count
from tests.expiry import intents, let_expire, sweep
from tests.sales import EXPIRED, PAID, PENDING, state
from tests.settlement.reconciled import reconcile
from tests.stand_in import StandIn

CREATE = {"path": "/v1/payment_intents", "method": "POST"}


@pytest.fixture
def unknown(client: FlaskClient, stripe: StandIn) -> Purchase:
    """The intent was made, but nobody has heard of it."""
    stripe.order("faults", CREATE | {"when": "after", "outcome": "lost"})
    bought = purchase(client)
    assert bought.provider_id == ""
    change("UPDATE deliveries SET state = 'dead', lease_until = NULL WHERE consumer = 'payments.open'")
    return bought


def test_a_payment_of_unknown_outcome_waits_for_a_minute_before_the_list_is_believed(
    unknown: Purchase, stripe: StandIn
) -> None:
    let_expire()

    sweep()

    assert state(unknown) == replace(PENDING, payments=["creating"])
    assert intents(stripe) == ["requires_payment_method"]


def test_it_is_listed_by_our_id_and_closed(unknown: Purchase, stripe: StandIn) -> None:
    change("UPDATE payments SET sent_at = now() - interval '61 seconds'")
    let_expire()

    sweep()

    assert state(unknown) == EXPIRED
    assert intents(stripe) == ["canceled"]


@pytest.mark.parametrize(
    ("made_after", "pages", "found"),
    [(1, 1 + 1, True), (240, 1 + 2, True), (-240, 1 + 4, True), (-310, 1 + 3, False)],
    ids=["by the first try", "by a later one", "by a clock ahead", "by a clock far ahead"],
)
def test_it_is_looked_for_where_it_nearly_always_is_and_then_from_the_newest_on(
    unknown: Purchase,
    stripe: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    made_after: int,
    pages: int,
    *,
    found: bool,
) -> None:
    monkeypatch.setattr(books, "PAGE", 1)
    sent_at = int(time.time()) - 1200
    change("UPDATE payments SET sent_at = to_timestamp(:sent_at)", sent_at=sent_at)
    (ours,) = stripe.books()["payment_intents"]
    made = {stripe.new_intent().id: sent_at + after for after in (-600, -200, 30, 900)}
    for intent_id, moment in (made | {ours["id"]: sent_at + made_after}).items():
        values = f"created = {moment}, sequence = {moment}000"
        stripe.in_books(f"UPDATE objects SET {values} WHERE id = '{intent_id}'")  # noqa: S608  # our own words
    stripe.order("faults", {"path": CREATE["path"], "method": "GET", "exact": True, "calls": None})
    let_expire()

    sweep()

    (lists,) = stripe.order("faults", method="GET")
    assert lists["befell"] == pages
    assert state(unknown) == EXPIRED
    status = {intent["id"]: intent["status"] for intent in stripe.books()["payment_intents"]}
    assert status[ours["id"]] == ("canceled" if found else "requires_payment_method")
    reconcile()
    assert intents(stripe).count("canceled") == 1


def test_it_becomes_paid_when_the_listed_intent_was_paid(unknown: Purchase, stripe: StandIn) -> None:
    (intent,) = stripe.books()["payment_intents"]
    stripe.confirm(intent["id"])
    change("UPDATE payments SET sent_at = now() - interval '61 seconds'")
    let_expire()

    sweep()

    assert state(unknown) == PAID


def test_it_ends_at_once_when_the_provider_never_made_it(unknown: Purchase, stripe: StandIn) -> None:
    stripe.order("reset")
    change("UPDATE payments SET sent_at = now() - interval '61 seconds'")
    let_expire()

    sweep()

    assert state(unknown) == EXPIRED
    assert count("refunds") == 0
