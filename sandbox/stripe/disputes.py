"""Disputes: cardholders who take their money back, and what comes of it."""

from typing import Any

from stripe.params import DisputeUpdateParams

from sandbox.stripe import appointments, balance, clock, events, parameters
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.errors import invalid
from sandbox.stripe.ids import new_id
from sandbox.stripe.resources import payment_methods

KIND = "dispute"
OPEN = "open_dispute"
SECONDS_TO_ANSWER = 21 * 24 * 3600
# Visa's codes; an inquiry has the group of the code alone.
NETWORK_CODES = {"fraudulent": "10.4", "product_not_received": "13.1", "credit_not_processed": "13.6"}
OTHER_CODE = "12.6"
CLOSED = ("won", "lost", "warning_closed")


def expect(ledger: Ledger, charge: Json) -> None:
    """Have the charge disputed right after this, if its test card is one of a cardholder who does that."""
    method = ledger.find(charge["payment_method"], "payment_method")
    if payment_methods.test_data(method).dispute:
        appointments.make(ledger, OPEN, charge["id"], seconds=0)


def open_expected(ledger: Ledger, charge_id: str) -> None:
    """Open the dispute that a charge's test card stands for."""
    charge = ledger.find(charge_id, "charge")
    method = ledger.find(charge["payment_method"], "payment_method")
    reason, _, inquiry = str(payment_methods.test_data(method).dispute).partition(" ")
    begin(ledger, charge, reason=reason, inquiry=bool(inquiry))


def begin(ledger: Ledger, charge: Json, *, reason: str, inquiry: bool = False) -> Json:
    """Dispute a captured charge; the money goes back at once, but not for an inquiry, which only asks."""
    if not charge["captured"] or charge["disputed"] or charge["refunded"]:
        raise invalid("Only a captured charge that is neither refunded nor disputed can be disputed.")
    dispute = _new(charge, reason, inquiry=inquiry)
    charge["disputed"] = True
    ledger.save(charge)
    ledger.add(dispute, subject=charge["id"])
    events.record(ledger, "charge.dispute.created", dispute)
    if not inquiry:
        _withdraw(ledger, dispute)
    return dispute


def bars_refunds(ledger: Ledger, charge_id: str) -> bool:
    """Whether the charge's money is gone by a dispute; an inquiry leaves it refundable."""
    statement = (
        "SELECT count(*) FROM objects WHERE kind = ? AND subject = ?"
        " AND NOT json_extract(body, '$.is_charge_refundable')"
    )
    return bool(ledger.execute(statement, (KIND, charge_id)).fetchone()[0])


def answer(ledger: Ledger, dispute: Json, evidence: Json, *, submit: bool) -> None:
    """Take down evidence, and hand it in; Stripe's magic words in it decide the dispute at once."""
    check_open(dispute)
    previous = {"evidence": dispute["evidence"], "status": dispute["status"]}
    dispute["evidence"] = dispute["evidence"] | {name: value or None for name, value in evidence.items()}
    details = dispute["evidence_details"]
    details["has_evidence"] = any(dispute["evidence"].values())
    if submit:
        details["submission_count"] += 1
        dispute["status"] = "warning_under_review" if _is_inquiry(dispute) else "under_review"
    ledger.save(dispute)
    events.record(ledger, "charge.dispute.updated", dispute, previous=previous)
    if submit:
        _judge(ledger, dispute)


def close(ledger: Ledger, dispute: Json, *, won: bool) -> None:
    """End a dispute; whoever wins has the money. An inquiry is just closed. Raises Refusal if it is."""
    check_open(dispute)
    inquiry = _is_inquiry(dispute)
    dispute["status"] = "warning_closed" if inquiry else "won" if won else "lost"
    ledger.save(dispute)
    events.record(ledger, "charge.dispute.closed", dispute)
    if won and not inquiry:
        _book(ledger, dispute, 1)
        events.record(ledger, "charge.dispute.funds_reinstated", dispute)


def check_open(dispute: Json) -> None:
    """Raise Refusal for a dispute that has ended."""
    if dispute["status"] in CLOSED:
        raise invalid(f"This dispute is {dispute['status']}: it cannot change any more.")


def _judge(ledger: Ledger, dispute: Json) -> None:
    words = dispute["evidence"]["uncategorized_text"]
    if words == "winning_evidence":
        close(ledger, dispute, won=True)
    elif words == "losing_evidence":
        close(ledger, dispute, won=False)
    elif words == "escalate_inquiry_evidence" and _is_inquiry(dispute):
        dispute |= {"status": "needs_response", "is_charge_refundable": False}
        dispute["payment_method_details"]["card"] |= _case(dispute["reason"], inquiry=False)
        ledger.save(dispute)
        events.record(ledger, "charge.dispute.updated", dispute, previous={"status": "warning_under_review"})
        _withdraw(ledger, dispute)


def _withdraw(ledger: Ledger, dispute: Json) -> None:
    _book(ledger, dispute, -1)
    events.record(ledger, "charge.dispute.funds_withdrawn", dispute)


def _book(ledger: Ledger, dispute: Json, sign: int) -> None:
    movement = balance.book(
        ledger,
        dispute["id"],
        sign * dispute["amount"],
        dispute["currency"],
        kind="adjustment",
        category="dispute" if sign < 0 else "dispute_reversal",
        fee=-sign * balance.DISPUTE_FEE,
    )
    dispute["balance_transactions"].append(movement)
    ledger.save(dispute)


def _is_inquiry(dispute: Json) -> bool:
    return str(dispute["status"]).startswith("warning_")


def _case(reason: str, *, inquiry: bool) -> Json:
    code = NETWORK_CODES.get(reason, OTHER_CODE)
    return {
        "case_type": "inquiry" if inquiry else "chargeback",
        "network_reason_code": code.partition(".")[0] if inquiry else code,
    }


def _new(charge: Json, reason: str, *, inquiry: bool) -> Json:
    brand = charge["payment_method_details"].get("card", {}).get("brand", "visa")
    evidence: dict[str, Any] = parameters.fields(
        parameters.fields(DisputeUpdateParams)["evidence"].__args__[0]
    )
    return {
        "id": new_id("du"),
        "object": KIND,
        "amount": charge["amount_captured"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": clock.timestamp(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(evidence), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": clock.timestamp() + SECONDS_TO_ANSWER,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {"brand": brand, "network": brand, **_case(reason, inquiry=inquiry)},
            "type": "card",
        },
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
