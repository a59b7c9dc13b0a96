from typing import Any

import pytest
import stripe

from sandbox.ready import wait_until
from tests.stand_in import StandIn

FRAUD = ("pm_card_createDispute", "fraudulent", "needs_response", "chargeback", "10.4")
LOST = (
    "pm_card_createDisputeProductNotReceived",
    "product_not_received",
    "needs_response",
    "chargeback",
    "13.1",
)
QUESTION = ("pm_card_createDisputeInquiry", "fraudulent", "warning_needs_response", "inquiry", "10")


def disputed(stand_in: StandIn, method: str = "pm_card_createDispute") -> stripe.Dispute:
    """The dispute that follows a payment of 20.00 by this card."""
    intent = stand_in.pay(method, amount=2000)
    listed = stand_in.client.v1.disputes.list
    wait_until(
        lambda: len(listed({"payment_intent": intent.id}).data) == 1, within=5, failure="No dispute came"
    )
    return listed({"payment_intent": intent.id}).data[0]


def told(stand_in: StandIn) -> list[str]:
    listed = stand_in.client.v1.events.list({"type": "charge.dispute.*"}).data
    return [event.type.removeprefix("charge.dispute.") for event in listed[::-1]]


def nets(dispute: stripe.Dispute) -> list[int]:
    return [movement.net for movement in dispute.balance_transactions]


@pytest.mark.parametrize(("method", "reason", "status", "case", "code"), [FRAUD, LOST, QUESTION])
def test_a_test_card_is_disputed_after_its_charge(
    stand_in: StandIn, method: str, reason: str, status: str, case: str, code: str
) -> None:
    dispute = disputed(stand_in, method)

    assert (dispute.reason, dispute.status, dispute.amount) == (reason, status, 2000)
    assert dispute.payment_method_details is not None
    card = dispute.payment_method_details.card
    assert card is not None
    assert (card.case_type, card.network_reason_code) == (case, code)
    charge = stand_in.client.v1.charges.retrieve(str(dispute.charge))
    assert (charge.status, charge.disputed) == ("succeeded", True)


def test_a_chargeback_takes_the_money_and_a_fee(stand_in: StandIn) -> None:
    dispute = disputed(stand_in)

    assert nets(dispute) == [-3500]
    assert dispute.is_charge_refundable is False
    assert told(stand_in) == ["created", "funds_withdrawn"]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.client.v1.refunds.create({"charge": str(dispute.charge)})
    assert refused.value.code == "charge_disputed"


def test_an_inquiry_takes_nothing_and_leaves_the_charge_refundable(stand_in: StandIn) -> None:
    dispute = disputed(stand_in, "pm_card_createDisputeInquiry")

    assert (nets(dispute), dispute.is_charge_refundable) == ([], True)
    assert told(stand_in) == ["created"]
    assert stand_in.client.v1.refunds.create({"charge": str(dispute.charge)}).status == "succeeded"


@pytest.mark.parametrize(
    ("words", "status", "net", "last"),
    [
        ("winning_evidence", "won", [-3500, 3500], "funds_reinstated"),
        ("losing_evidence", "lost", [-3500], "closed"),
        ("They got it.", "under_review", [-3500], "updated"),
    ],
)
def test_evidence_decides_a_dispute(
    stand_in: StandIn, words: str, status: str, net: list[int], last: str
) -> None:
    answered = stand_in.client.v1.disputes.update(
        disputed(stand_in).id, {"evidence": {"uncategorized_text": words}}
    )

    assert (answered.status, nets(answered)) == (status, net)
    assert answered.evidence.uncategorized_text == words
    assert answered.evidence_details.has_evidence is True
    assert answered.evidence_details.submission_count == 1
    assert told(stand_in)[-1] == last


def test_evidence_can_be_prepared_first(stand_in: StandIn) -> None:
    disputes = stand_in.client.v1.disputes
    dispute = disputed(stand_in)

    staged = disputes.update(
        dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}, "submit": False}
    )
    sent = disputes.update(dispute.id, {"submit": True, "metadata": {"by": "Ada"}})

    assert (staged.status, staged.evidence_details.submission_count) == ("needs_response", 0)
    assert (sent.status, sent.evidence_details.submission_count) == ("won", 1)
    assert sent.metadata.to_dict() == {"by": "Ada"}


@pytest.mark.parametrize("words", ["winning_evidence", "losing_evidence"])
def test_an_answered_inquiry_is_closed(stand_in: StandIn, words: str) -> None:
    dispute = disputed(stand_in, "pm_card_createDisputeInquiry")

    closed = stand_in.client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": words}})

    assert (closed.status, nets(closed)) == ("warning_closed", [])


def test_an_inquiry_can_become_a_chargeback(stand_in: StandIn) -> None:
    dispute = disputed(stand_in, "pm_card_createDisputeInquiry")

    escalated = stand_in.client.v1.disputes.update(
        dispute.id, {"evidence": {"uncategorized_text": "escalate_inquiry_evidence"}}
    )

    assert (escalated.status, nets(escalated)) == ("needs_response", [-3500])
    assert escalated.is_charge_refundable is False
    assert told(stand_in)[-1] == "funds_withdrawn"


def test_closing_a_dispute_gives_in_for_good(stand_in: StandIn) -> None:
    disputes = stand_in.client.v1.disputes
    dispute = disputed(stand_in)

    assert disputes.close(dispute.id).status == "lost"

    with pytest.raises(stripe.InvalidRequestError):
        disputes.close(dispute.id)
    with pytest.raises(stripe.InvalidRequestError):
        disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    assert disputes.retrieve(dispute.id).status == "lost"


def test_any_charge_can_be_disputed_and_decided_on_demand(stand_in: StandIn) -> None:
    charge = stand_in.pay().latest_charge

    opened: Any = stand_in.order(f"charges/{charge}/dispute", {"reason": "duplicate"})
    decided = stand_in.order(f"disputes/{opened['id']}", {"won": True})

    assert (opened["reason"], opened["status"], decided["status"]) == ("duplicate", "needs_response", "won")
    assert [dispute["id"] for dispute in stand_in.books()["disputes"]] == [opened["id"]]
    assert told(stand_in) == ["created", "funds_withdrawn", "closed", "funds_reinstated"]
    with pytest.raises(OSError, match="400"):
        stand_in.order(f"charges/{charge}/dispute")
    with pytest.raises(OSError, match="400"):
        stand_in.order(f"disputes/{opened['id']}", {"won": "perhaps"})


def test_disputes_are_listed_by_charge(stand_in: StandIn) -> None:
    one, other = stand_in.pay().latest_charge, stand_in.pay().latest_charge
    for charge in (one, other):
        stand_in.order(f"charges/{charge}/dispute")

    listed = stand_in.client.v1.disputes.list({"charge": str(one), "expand": ["data.charge"]})

    (found,) = listed.data
    assert isinstance(found.charge, stripe.Charge)
    assert found.charge.id == one
