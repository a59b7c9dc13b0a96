"""New attempts, payments and cancellations at the same moment, with the stand-in as the provider."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.attempts import SESSION, at_stripe, attempt, live_payments
from tests.buyers import Purchase
from tests.database import rows
from tests.sales import state
from tests.settlement.test_races import pay, settle_everything
from tests.stand_in import StandIn
from tests.threads import together


def other_client(bought: Purchase) -> Purchase:
    """The same buyer in another tab."""
    return replace(bought, buyer=bought.buyer.twin())


def payable_at(stripe: StandIn) -> int:
    """How many objects at the provider can still be paid, or are."""
    intents, sessions = at_stripe(stripe)
    return len([each for each in intents if each != "canceled"]) + sessions.count("open")


@pytest.mark.parametrize("flows", [("payment_intent",) * 2, (SESSION,) * 2, ("payment_intent", SESSION)])
def test_two_attempts_leave_one_payment(
    bought: Purchase, client: FlaskClient, stripe: StandIn, flows: tuple[str, str]
) -> None:
    statuses: list[int] = []

    def try_again(flow: str) -> None:
        statuses.append(attempt(other_client(bought), flow).status_code)

    together(*[lambda flow=flow: try_again(flow) for flow in flows])
    settle_everything(client, stripe)

    assert set(statuses) <= {201, 202, 409}
    assert [status for _, status, _ in live_payments(bought)] == ["open"]
    assert payable_at(stripe) == 1
    assert state(bought).order == ("pending", "unpaid", None)
    assert state(bought).stock == (5, 2)


@pytest.mark.parametrize("round_", range(3))
def test_an_attempt_while_the_first_payment_is_paid(
    bought: Purchase, client: FlaskClient, stripe: StandIn, round_: int
) -> None:
    together(lambda: attempt(other_client(bought), SESSION), lambda: pay(bought, stripe))
    settle_everything(client, stripe)

    intents, sessions = at_stripe(stripe)
    after = state(bought)
    paid = intents == ["succeeded"]
    assert after.order[:2] == (("paid", "paid") if paid else ("pending", "unpaid"))
    assert after.payments == (["succeeded", "cancelled"] if paid else ["cancelled", "open"])
    assert (sessions, after.refunds) == ([] if paid else ["open"], [])


@pytest.mark.parametrize("round_", range(3))
def test_an_attempt_while_the_buyer_gives_up_in_another_tab(
    bought: Purchase, client: FlaskClient, stripe: StandIn, round_: int
) -> None:
    cancel = f"/v1/orders/{bought.order_id}/cancel"

    together(
        lambda: attempt(other_client(bought), SESSION),
        lambda: other_client(bought).buyer.post(cancel),
    )
    settle_everything(client, stripe)
    settle_everything(client, stripe)

    assert state(bought).order == ("cancelled", "unpaid", "buyer")
    assert (live_payments(bought), payable_at(stripe), state(bought).stock) == ([], 0, (5, 0))
    assert rows("SELECT count(*) FROM deliveries WHERE queue = 'critical' AND state <> 'done'") == [(0,)]
