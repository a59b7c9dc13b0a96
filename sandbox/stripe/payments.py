"""What happens to an intent when a payment is attempted: success, decline, or a bank that answers later."""

from sandbox.stripe import (
    appointments,
    authentication,
    balance,
    captures,
    disputes,
    events,
    ownership,
    sessions,
)
from sandbox.stripe.bank_accounts import TestAccount
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.calls import Call
from sandbox.stripe.cards import Decline
from sandbox.stripe.errors import Refusal, invalid
from sandbox.stripe.resources import charges, payment_methods

SETTLE = "settle_bank_payment"


def attempt(call: Call, intent: Json, method: Json, *, away: bool = False) -> None:
    """Charge the method for the intent and record how it ended, or ask for 3-D Secure first.

    A buyer who is `away` (off session) cannot be asked. Raises Refusal 402 for a declined card; its failed
    charge and events remain.
    """
    _check_type(intent, method)
    ownership.check_may_pay(call.ledger, intent, method)
    nothing = dict.fromkeys(("last_payment_error", "processing", "next_action"))
    intent |= {"payment_method": method["id"], **nothing}
    behaviour = payment_methods.test_data(method)
    if isinstance(behaviour, TestAccount):
        _begin_debit(call, intent, method, settles=behaviour.settles)
    elif away:
        _charge(call.ledger, intent, method, ownership.decline_away(call.ledger, method))
    elif behaviour.authenticates:
        authentication.demand(call, intent)
    else:
        _charge(call.ledger, intent, method, behaviour.decline)


def go_on(ledger: Ledger, intent: Json) -> None:
    """Charge an intent whose buyer has proven who they are. Raises Refusal 402 as an attempt does."""
    method = ledger.find(intent["payment_method"], "payment_method")
    intent["next_action"] = None
    _charge(ledger, intent, method, payment_methods.test_data(method).decline, proof=authentication.PROOF)


def settle_bank_payment(ledger: Ledger, intent_id: str) -> None:
    """The bank's answer about a debit; nothing happens when the intent was canceled meanwhile."""
    intent = ledger.find(intent_id, "payment_intent")
    if intent["status"] != "processing":
        return
    charge = ledger.find(intent["latest_charge"], "charge")
    method = ledger.find(intent["payment_method"], "payment_method")
    decline = payment_methods.test_data(method).decline
    charge |= charges.outcome("failed" if decline else "succeeded", intent["amount"], decline)
    ledger.save(charge)
    if decline:
        _fail(ledger, intent, charge, decline)
    else:
        _succeed(ledger, intent, charge)


def _charge(
    ledger: Ledger, intent: Json, method: Json, decline: Decline | None, *, proof: Json | None = None
) -> None:
    charge = charges.new_charge(intent, method, "failed" if decline else "succeeded", decline)
    charge["payment_method_details"]["card"]["three_d_secure"] = proof
    ledger.add(charge, subject=intent["id"])
    if decline:
        raise _fail(ledger, intent, charge, decline)
    _succeed(ledger, intent, charge)


def _begin_debit(call: Call, intent: Json, method: Json, *, settles: bool) -> None:
    charge = charges.new_charge(intent, method, "pending")
    intent |= {"status": "processing", "latest_charge": charge["id"]}
    call.ledger.add(charge, subject=intent["id"])
    call.ledger.save(intent)
    events.record(call.ledger, "payment_intent.processing", intent)
    events.record(call.ledger, "charge.pending", charge)
    sessions.follow(call.ledger, intent)
    if settles:
        appointments.make(call.ledger, SETTLE, intent["id"], seconds=call.bank_seconds)


def _succeed(ledger: Ledger, intent: Json, charge: Json) -> None:
    ownership.after_payment(ledger, intent, ledger.find(charge["payment_method"], "payment_method"))
    if intent["capture_method"] == "manual":
        captures.hold(ledger, intent, charge)
    else:
        _take(ledger, intent, charge)
    sessions.follow(ledger, intent)


def _take(ledger: Ledger, intent: Json, charge: Json) -> None:
    balance.book_charge(ledger, charge)
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge["id"]}
    ledger.save(intent)
    events.record(ledger, "charge.succeeded", charge)
    events.record(ledger, "payment_intent.succeeded", intent)
    disputes.expect(ledger, charge)


def _fail(ledger: Ledger, intent: Json, charge: Json, decline: Decline) -> Refusal:
    """Record a failure; answers the error that a caller who waits for it gets."""
    method = ledger.find(intent["payment_method"], "payment_method")
    problem = {
        "charge": charge["id"],
        "code": decline.code,
        "decline_code": decline.decline_code,
        "doc_url": f"https://docs.stripe.com/error-codes/{decline.code.replace('_', '-')}",
        "payment_method": method,
    }
    shown = {name: value for name, value in problem.items() if value is not None}
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "latest_charge": charge["id"],
        "last_payment_error": {"type": "card_error", "message": decline.message, **shown},
    }
    ledger.save(intent)
    events.record(ledger, "charge.failed", charge)
    events.record(ledger, "payment_intent.payment_failed", intent)
    sessions.follow(ledger, intent)
    return Refusal(402, "card_error", decline.message, lasting=True, payment_intent=dict(intent), **shown)


def _check_type(intent: Json, method: Json) -> None:
    if intent["capture_method"] == "manual" and method["type"] != "card":
        raise invalid("Only cards can be captured manually.", param="capture_method")
    if method["type"] not in intent["payment_method_types"]:
        accepted = ", ".join(intent["payment_method_types"])
        message = f"This PaymentIntent takes {accepted}, not a payment method of type {method['type']}."
        code = "payment_intent_incompatible_payment_method"
        raise invalid(message, code=code, param="payment_method")
