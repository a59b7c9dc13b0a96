"""Money that goes back and of which no webhook tells: the provider's lists of refunds and disputes do."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from sandbox.ready import wait_until
from tests.buyers import Purchase
from tests.database import change, rows
from tests.sales import PAID, TOTAL, state
from tests.settlement.reconciled import let_pass, reconcile
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain

REFUNDS = "SELECT source, status, amount FROM refunds ORDER BY created_at, id"


@pytest.fixture
def paid(bought: Purchase, client: FlaskClient, stripe: StandIn) -> Purchase:
    """An order that was paid; what happens from now on is told to nobody."""
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    assert state(bought) == PAID
    return bought


def refund(stripe: StandIn, paid: Purchase, amount: int, **metadata: str) -> str:
    """Give money back in the provider's dashboard; the refund's id."""
    asked = {"payment_intent": paid.provider_id, "amount": amount, "metadata": metadata}
    return str(stripe.client.v1.refunds.create(asked).id)  # type: ignore[arg-type]  # the SDK's own class of it


def test_a_refund_in_the_dashboard_is_found(paid: Purchase, stripe: StandIn) -> None:
    refund_id = refund(stripe, paid, 1000)

    found = reconcile()

    assert found == [("healed", refund_id, "unknown", "succeeded, 1000 USD", "settled")]
    assert rows(REFUNDS) == [("provider", "succeeded", 1000)]
    assert rows("SELECT payment_status FROM orders") == [("partially_refunded",)]
    assert reconcile() == []
    assert rows(REFUNDS) == [("provider", "succeeded", 1000)]


def test_a_payment_and_its_refund_are_found_at_once(bought: Purchase, stripe: StandIn) -> None:
    stripe.confirm(bought.provider_id)
    first, second = refund(stripe, bought, 700), refund(stripe, bought, TOTAL - 700)

    found = reconcile()

    assert {(kind, object_id, action) for kind, object_id, _, _, action in found} == {
        ("healed", bought.provider_id, "settled"),
        ("healed", first, "settled"),
        ("healed", second, "settled"),
    }
    assert rows("SELECT status, payment_status FROM orders") == [("paid", "refunded")]
    assert reconcile() == []


def test_a_refund_without_an_answer_is_asked_about(paid: Purchase, stripe: StandIn) -> None:
    refund_id = refund(stripe, paid, 1000)
    reconcile()
    change("UPDATE refunds SET status = 'pending', succeeded_at = NULL")
    assert reconcile("open") == []

    let_pass(seconds=31)

    assert reconcile("open") == [("healed", refund_id, "pending, 1000 USD", "succeeded, 1000 USD", "settled")]
    assert rows(REFUNDS) == [("provider", "succeeded", 1000)]
    let_pass(seconds=600)
    assert reconcile("open") == []


def test_a_refund_that_names_one_of_ours_which_is_not_here_is_an_orphan(
    client: FlaskClient, stripe: StandIn
) -> None:
    elsewhere = stripe.pay()
    asked = {"payment_intent": elsewhere.id, "metadata": {"refund_id": str(uuid4())}}
    orphan = stripe.client.v1.refunds.create(asked)  # type: ignore[arg-type]  # as above
    stripe.client.v1.refunds.create({"payment_intent": stripe.pay().id})

    assert reconcile() == [("orphaned", orphan.id, "absent", "succeeded, 2000 USD", "nothing")]
    assert rows(REFUNDS) == []


def test_a_refund_that_does_not_fit_is_for_an_operator(paid: Purchase, stripe: StandIn) -> None:
    refund_id = refund(stripe, paid, 1000)
    reconcile()
    change("UPDATE refunds SET amount = 900")
    change("UPDATE payments SET refunded_amount = 900")

    found = reconcile()

    assert found == [("disagreeing", refund_id, "succeeded, 900 USD", "succeeded, 1000 USD", "nothing")]
    assert rows("SELECT payment_status FROM orders") == [("review",)]
    assert reconcile() == []


def test_a_dispute_is_found_and_so_is_its_end(bought: Purchase, stripe: StandIn) -> None:
    stripe.confirm(bought.provider_id, "pm_card_createDispute")
    wait_until(lambda: len(stripe.books()["disputes"]) == 1, within=5, failure="No dispute came")
    wait_until(
        lambda: bool(stripe.books()["disputes"][0]["balance_transactions"]), within=5, failure="No money left"
    )
    dispute_id = stripe.books()["disputes"][0]["id"]

    opened = reconcile()
    stripe.client.v1.disputes.update(dispute_id, {"evidence": {"uncategorized_text": "losing_evidence"}})
    closed = reconcile()

    gone = f"{TOTAL} USD gone"
    assert opened[1:] == [("healed", dispute_id, "unknown", f"needs_response, {gone}", "settled")]
    assert closed == [("healed", dispute_id, f"open, {gone}", f"lost, {gone}", "settled")]
    assert state(bought).disputes == [("lost", True)]
    assert reconcile() == []


def test_the_end_of_a_dispute_is_found_that_began_before_all_that_is_listed(
    bought: Purchase, stripe: StandIn
) -> None:
    stripe.confirm(bought.provider_id, "pm_card_createDispute")
    wait_until(lambda: len(stripe.books()["disputes"]) == 1, within=5, failure="No dispute came")
    wait_until(
        lambda: bool(stripe.books()["disputes"][0]["balance_transactions"]), within=5, failure="No money left"
    )
    dispute_id = stripe.books()["disputes"][0]["id"]
    reconcile()
    stripe.client.v1.disputes.update(dispute_id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    older = timedelta(minutes=-5)

    recent, deep = reconcile("recent", reaching_back=older), reconcile("deep", reaching_back=older)

    gone = f"{TOTAL} USD gone"
    assert recent == []
    assert deep == [("healed", dispute_id, f"open, {gone}", f"won, {TOTAL} USD", "settled")]
    assert state(bought).disputes == [("won", False)]
    assert reconcile("deep", reaching_back=older) == []
