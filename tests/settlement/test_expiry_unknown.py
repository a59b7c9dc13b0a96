"""Orders whose hold is over while nobody knows whether their payment was ever opened."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.buyers import Purchase, purchase
from tests.database import change, count
from tests.expiry import intents, let_expire, sweep
from tests.sales import EXPIRED, PAID, PENDING, state
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
