"""Refunds: how they begin, and how some end later otherwise than they began."""

import json

from sandbox.stripe import appointments, balance, clock, events
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.calls import Call
from sandbox.stripe.errors import invalid
from sandbox.stripe.fields import merged_metadata
from sandbox.stripe.ids import new_id
from sandbox.stripe.resources import payment_methods

KIND = "refund"
SETTLE = "settle_refund"
# The bank may still change its mind about a refund that succeeded, or the seller within half an hour.
MOVES = {"pending": ("succeeded", "failed", "canceled"), "succeeded": ("failed", "canceled")}
SHOWN_IN_CHARGE = 10


def begin(call: Call, charge: Json, amount: int) -> Json:
    """Give so much of a charge back, at once or as the bank of its payment method does."""
    method = call.ledger.find(charge["payment_method"], "payment_method")
    later = payment_methods.test_data(method).refund
    refund = _new(charge, amount, "pending" if later == "pending" else "succeeded", call.params)
    movement = _book(call.ledger, charge, refund, -amount)
    refund["balance_transaction"] = movement["id"]
    call.ledger.add(refund, subject=charge["id"])
    count(call.ledger, charge, amount)
    events.record(call.ledger, "refund.created", refund)
    events.record(call.ledger, "charge.refunded", charge)
    if later:
        appointments.make(call.ledger, SETTLE, refund["id"], seconds=call.bank_seconds)
    return refund


def settle(ledger: Ledger, refund_id: str) -> None:
    """The bank's answer about a refund; nothing happens when it was settled or canceled meanwhile."""
    refund = ledger.find(refund_id, KIND)
    method = ledger.find(refund["payment_method"], "payment_method")
    later = payment_methods.test_data(method).refund
    if (later, refund["status"]) == ("pending", "pending"):
        conclude(ledger, refund, "succeeded")
    elif (later, refund["status"]) == ("failing", "succeeded"):
        conclude(ledger, refund, "failed")


def conclude(ledger: Ledger, refund: Json, status: str) -> None:
    """End a refund as succeeded, failed or canceled. Raises Refusal when it cannot end so any more."""
    if status not in MOVES.get(refund["status"], ()):
        raise invalid(f"A refund that is {refund['status']} cannot become {status}.", param="status")
    previous = {"status": refund["status"]}
    refund |= {"status": status, "pending_reason": None}
    if status != "succeeded":
        _take_back(ledger, refund)
    if status == "failed":
        refund["failure_reason"] = "expired_or_canceled_card"
    ledger.save(refund)
    charge = ledger.find(refund["charge"], "charge")
    count(ledger, charge, 0 if status == "succeeded" else -refund["amount"])
    for topic in (*(["refund.failed"] if status == "failed" else []), "refund.updated"):
        events.record(ledger, topic, refund, previous=previous)
    events.record(ledger, "charge.refund.updated", refund, previous=previous)


def count(ledger: Ledger, charge: Json, amount: int) -> None:
    """Let the charge show that so much more of it was given back, and its newest refunds."""
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    statement = "SELECT body FROM objects WHERE kind = ? AND subject = ? ORDER BY sequence DESC LIMIT ?"
    rows = ledger.execute(statement, (KIND, charge["id"], SHOWN_IN_CHARGE + 1)).fetchall()
    charge["refunds"] |= {
        "data": [json.loads(row["body"]) for row in rows[:SHOWN_IN_CHARGE]],
        "has_more": len(rows) > SHOWN_IN_CHARGE,
    }
    ledger.save(charge)


def _take_back(ledger: Ledger, refund: Json) -> None:
    charge = ledger.find(refund["charge"], "charge")
    movement = _book(ledger, charge, refund, refund["amount"], failed=True)
    refund["failure_balance_transaction"] = movement["id"]


def _book(ledger: Ledger, charge: Json, refund: Json, amount: int, *, failed: bool = False) -> Json:
    category = "refund_failure" if failed else "refund"
    of_debit = charge["payment_method_details"]["type"] == "us_bank_account"
    kind = "payment_refund" if of_debit and not failed else category
    return balance.book(ledger, refund["id"], amount, refund["currency"], kind=kind, category=category)


def _new(charge: Json, amount: int, status: str, params: Json) -> Json:
    debit = charge["payment_method_details"]["type"] == "us_bank_account"
    to_card = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    to_bank = {"reference": None, "reference_status": "pending"}
    place = {"type": "us_bank_transfer", "us_bank_transfer": to_bank} if debit else {}
    copied = ("currency", "customer", "payment_intent", "payment_method")
    return {
        **{name: charge[name] for name in copied},
        "id": new_id("pyr" if debit else "re"),
        "object": KIND,
        "amount": amount,
        "charge": charge["id"],
        "created": clock.timestamp(),
        "customer_account": None,
        "destination_details": place or {"type": "card", "card": to_card},
        "metadata": merged_metadata({}, params.get("metadata", {})),
        "pending_reason": "processing" if status == "pending" else None,
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
    }
