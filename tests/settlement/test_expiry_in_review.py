"""Orders whose payment is in review when their hold is over: nothing is kept, and nothing can be taken."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.buyers import Purchase, purchase
from tests.database import rows
from tests.expiry import intents, let_expire, sweep
from tests.sales import EXPIRED, PENDING, state
from tests.stand_in import StandIn
from tests.work import drain, make_due


@pytest.fixture
def bought(client: FlaskClient, stripe: StandIn) -> Purchase:
    """A pending order with an open intent of another amount."""
    bought = purchase(client)
    stripe.client.v1.payment_intents.update(bought.provider_id, {"amount": 5000})
    return bought


def test_an_intent_in_review_is_closed_before_its_order_ends(bought: Purchase, stripe: StandIn) -> None:
    bought.buyer.post(f"/v1/payments/{bought.payment_id}/confirm")
    drain()
    assert state(bought).payments == ["review"]
    let_expire()

    sweep()

    assert (state(bought), intents(stripe)) == (EXPIRED, ["canceled"])


def test_money_in_review_goes_back_when_its_order_ends(bought: Purchase, stripe: StandIn) -> None:
    stripe.confirm(bought.provider_id)
    bought.buyer.post(f"/v1/payments/{bought.payment_id}/confirm")
    drain()
    assert state(bought) == replace(PENDING, order=("pending", "review", None), payments=["review"])
    let_expire()

    for _ in range(2):
        sweep()

    assert state(bought) == replace(
        EXPIRED,
        order=("cancelled", "refunded", "expired"),
        payments=["cancelled"],
        refunds=[("succeeded", 5000, "USD", "review")],
    )


def test_money_in_review_goes_back_when_the_provider_returns_after_a_day(
    bought: Purchase, stripe: StandIn
) -> None:
    stripe.confirm(bought.provider_id)
    bought.buyer.post(f"/v1/payments/{bought.payment_id}/confirm")
    drain()
    stripe.order("faults", {"path": "/v1/payment_intents/pi_", "outcome": 500, "calls": None})
    let_expire(hours=24)
    sweep()
    assert state(bought).order == ("cancelled", "review", "expired")

    stripe.order("faults", method="DELETE")
    make_due()
    drain()

    assert state(bought).refunds == [("succeeded", 5000, "USD", "review")]
    assert state(bought).order == ("cancelled", "refunded", "expired")


def test_money_that_does_not_fit_is_found_at_the_end_of_the_hold_and_waits_for_an_operator(
    bought: Purchase, stripe: StandIn
) -> None:
    stripe.confirm(bought.provider_id)
    let_expire()

    for _ in range(2):
        sweep()

    assert state(bought) == replace(PENDING, order=("pending", "review", None), payments=["review"])
    assert rows("SELECT hold_until > now() + interval '23 hours' FROM orders") == [(True,)]
