"""The provider's events about disputes: hints, each of which has the truth read again."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.platform.ids import new_id
from sandbox.ready import wait_until
from tests.buyers import Purchase, make_buyer
from tests.database import change, rows
from tests.sales import PAID, PENDING, TOTAL, state, topics
from tests.stand_in import StandIn
from tests.webhooks import deliver, deliver_all, event_about
from tests.work import drain, make_due

DISPUTED = replace(PAID, order=("paid", "disputed", None), disputes=[("open", True)])


def disputed(bought: Purchase, stripe: StandIn, *, by: str = "pm_card_createDispute", events: int = 2) -> str:
    """Have the order paid by a card whose owner disputes that at once; the dispute's id, as told so often."""
    stripe.confirm(bought.provider_id, by)
    wait_until(lambda: len(told(stripe)) == events, within=5, failure="No dispute came")
    return str(told(stripe)[0]["data"]["object"]["id"])


def told(stripe: StandIn) -> list[dict[str, Any]]:
    """The events about disputes so far."""
    return [event for event in stripe.books()["events"] if ".dispute." in event["type"]]


def answer(stripe: StandIn, dispute_id: str, words: str) -> None:
    """Hand in evidence; the stand-in decides by its words."""
    stripe.client.v1.disputes.update(dispute_id, {"evidence": {"uncategorized_text": words}})


def inbox() -> set[tuple[Any, ...]]:
    """Type and state of the kept events about disputes."""
    return set(rows("SELECT type, status FROM provider_events WHERE type LIKE '%dispute%'"))


def test_a_dispute_arrives_and_is_won(bought: Purchase, client: FlaskClient, stripe: StandIn) -> None:
    dispute_id = disputed(bought, stripe)
    deliver_all(client, stripe)
    drain()
    assert state(bought) == DISPUTED
    answer(stripe, dispute_id, "winning_evidence")

    deliver_all(client, stripe)
    drain()

    assert state(bought) == replace(PAID, disputes=[("won", False)])
    assert [topic for topic in topics(bought) if "disputes." in topic] == [
        "disputes.opened",
        "disputes.withdrawn",
        "disputes.won",
        "disputes.reinstated",
    ]


def test_a_dispute_is_lost(bought: Purchase, client: FlaskClient, stripe: StandIn) -> None:
    answer(stripe, disputed(bought, stripe), "losing_evidence")

    deliver_all(client, stripe)
    drain()

    assert state(bought) == replace(DISPUTED, disputes=[("lost", True)])


def test_an_inquiry_takes_no_money(bought: Purchase, client: FlaskClient, stripe: StandIn) -> None:
    disputed(bought, stripe, by="pm_card_createDisputeInquiry", events=1)

    deliver_all(client, stripe)
    drain()

    assert state(bought) == replace(DISPUTED, disputes=[("open", False)])


def test_a_dispute_alone_tells_that_the_order_was_paid(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    """Every event before it was lost, and of its own only the first comes, late."""
    answer(stripe, disputed(bought, stripe), "losing_evidence")

    deliver(client, told(stripe)[0])
    drain()

    assert state(bought) == replace(DISPUTED, disputes=[("lost", True)])
    assert topics(bought)[-7:] == [
        "payments.succeeded",
        "orders.paid",
        "disputes.opened",
        "disputes.withdrawn",
        "disputes.lost",
        "orders.finalized",
        "invoicing.invoice_issued",
    ]
    assert inbox() == {("charge.dispute.created", "applied")}


def test_a_dispute_of_a_hosted_page_finds_its_payment_before_the_page_has_told_of_it(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    """The intent's id is not known yet, as long as nothing came of the session."""
    disputed(bought, stripe)
    change("UPDATE payments SET provider_id = NULL")

    deliver(client, told(stripe)[0])
    drain()

    assert state(bought) == DISPUTED


def test_a_dispute_is_parked_while_its_payment_is_not_here(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    disputed(bought, stripe)
    hidden = new_id()
    change("UPDATE payments SET provider_id = NULL, id = :hidden", hidden=hidden)
    deliver(client, told(stripe)[0])
    drain()
    assert inbox() == {("charge.dispute.created", "unmatched")}
    change("UPDATE payments SET id = :id", id=bought.payment_id)

    make_due()
    drain()

    assert inbox() == {("charge.dispute.created", "applied")}
    assert state(bought) == DISPUTED


@pytest.mark.parametrize("intent", ["foreign", "pi_gone", None])
def test_a_dispute_of_somebody_else_in_the_same_account_is_ignored_at_once(
    bought: Purchase, client: FlaskClient, stripe: StandIn, intent: str | None
) -> None:
    if intent == "foreign":
        intent = stripe.pay("pm_card_visa").id
    dispute = {"id": "du_1", "object": "dispute", "payment_intent": intent}

    deliver(client, event_about(dispute, "charge.dispute.created"))
    drain()

    assert inbox() == {("charge.dispute.created", "ignored")}
    assert rows("SELECT state FROM deliveries WHERE consumer = 'settlement.process_event'") == [("done",)]
    assert state(bought) == PENDING


def test_operators_see_the_disputes_of_an_order(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    answer(stripe, disputed(bought, stripe), "losing_evidence")
    deliver_all(client, stripe)
    drain()
    admin = make_buyer(client, role="admin")

    ((number,),) = rows("SELECT number FROM orders")

    (shown,) = admin.get(f"/v1/admin/orders/{bought.order_id}/disputes").get_json()["items"]

    ours = ("id", "provider_id", "evidence_due_at", "opened_at", "closed_at")
    assert {name: value for name, value in shown.items() if name not in ours} == {
        "payment_id": str(bought.payment_id),
        "status": "lost",
        "reason": "fraudulent",
        "amount": {"amount": TOTAL, "currency": "USD"},
        "withdrawn": True,
    }
    assert all(shown[name] for name in ours)
    assert bought.buyer.get(f"/v1/admin/orders/{bought.order_id}/disputes").status_code == 403
    assert admin.get(f"/v1/admin/orders/{number}/disputes").get_json()["items"] == [shown]
    assert admin.get(f"/v1/admin/orders/{new_id()}/disputes").status_code == 404
