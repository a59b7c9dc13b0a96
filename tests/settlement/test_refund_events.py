"""Refunds that somebody makes in the provider's dashboard appear here by its events, any one of them."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.ready import wait_until
from tests.buyers import Purchase
from tests.database import rows
from tests.sales import PAID, PENDING, TOTAL, state
from tests.stand_in import StandIn
from tests.webhooks import deliver, deliver_all, event_about
from tests.work import drain

PART = replace(
    PAID, order=("paid", "partially_refunded", None), refunds=[("succeeded", 500, "USD", "provider")]
)
REFUNDED = replace(PAID, order=("paid", "refunded", None), refunds=[("succeeded", TOTAL, "USD", "provider")])


def in_dashboard(stripe: StandIn, bought: Purchase, amount: int, *, card: str = "pm_card_visa") -> None:
    """The order is paid, and somebody refunds so much of it at the provider."""
    stripe.confirm(bought.provider_id, card)
    stripe.client.v1.refunds.create({"payment_intent": bought.provider_id, "amount": amount})


def told(stripe: StandIn, topic: str) -> list[dict[str, Any]]:
    """The events of this type so far."""
    return [event for event in stripe.books()["events"] if event["type"] == topic]


def test_a_refund_of_the_dashboard_appears_with_its_payment_paid(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    in_dashboard(stripe, bought, 500)

    deliver_all(client, stripe)
    drain()

    assert state(bought) == PART
    assert rows("SELECT refunded_amount, captured_amount FROM payments") == [(500, TOTAL)]


@pytest.mark.parametrize("topic", ["refund.created", "charge.refunded"])
def test_either_of_its_events_is_enough_when_every_other_is_lost(
    bought: Purchase, client: FlaskClient, stripe: StandIn, topic: str
) -> None:
    in_dashboard(stripe, bought, TOTAL)

    deliver(client, told(stripe, topic)[0])
    drain()

    assert state(bought) == REFUNDED
    assert rows("SELECT type, status FROM provider_events") == [(topic, "applied")]


def test_a_refund_that_the_bank_sends_back_is_taken_back_here(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    in_dashboard(stripe, bought, 500, card="pm_card_refundFail")
    wait_until(lambda: told(stripe, "refund.failed") != [], within=5, failure="The refund did not fail")

    deliver_all(client, stripe)
    drain()

    assert state(bought) == replace(PAID, refunds=[("failed", 500, "USD", "provider")])
    assert rows("SELECT refunded_amount FROM payments") == [(0,)]


@pytest.mark.parametrize("amount_refunded", [0, 500])
def test_a_charge_of_somebody_else_in_the_same_account_is_ignored_at_once(
    bought: Purchase, client: FlaskClient, stripe: StandIn, amount_refunded: int
) -> None:
    foreign = stripe.pay("pm_card_visa")
    charge = {"id": "ch_1", "object": "charge", "payment_intent": foreign.id, "status": "succeeded"}

    deliver(client, event_about(charge | {"amount_refunded": amount_refunded}, "charge.refunded"))
    drain()

    assert rows("SELECT status FROM provider_events") == [("ignored",)]
    assert state(bought) == PENDING
