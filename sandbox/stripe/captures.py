"""Money that is held on a card first and taken later: manual capture."""

from sandbox.stripe import appointments, balance, clock, disputes, events
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.errors import invalid

EXPIRE = "expire_authorization"
HELD_SECONDS = 7 * 24 * 3600


def hold(ledger: Ledger, intent: Json, charge: Json) -> None:
    """Record that the money is held, for seven days."""
    charge |= {"captured": False, "amount_captured": 0}
    until = clock.timestamp() + HELD_SECONDS
    charge["payment_method_details"]["card"]["capture_before"] = until
    ledger.save(charge)
    held = {"amount_capturable": intent["amount"], "latest_charge": charge["id"]}
    intent |= held | {"status": "requires_capture"}
    ledger.save(intent)
    appointments.make(ledger, EXPIRE, intent["id"], seconds=HELD_SECONDS)
    events.record(ledger, "charge.succeeded", charge)
    events.record(ledger, "payment_intent.amount_capturable_updated", intent)


def capture(ledger: Ledger, intent: Json, wanted: int | None) -> None:
    """Take so much of what is held (None: all) and let the rest go. Raises Refusal for more than is held."""
    amount = intent["amount_capturable"] if wanted is None else wanted
    if not 1 <= amount <= intent["amount_capturable"]:
        message = f"At most {intent['amount_capturable']} can be captured, not {amount}."
        raise invalid(message, code="amount_too_large", param="amount_to_capture")
    charge = ledger.find(intent["latest_charge"], "charge")
    released = charge["amount"] - amount
    charge |= {"captured": True, "amount_captured": amount, "amount_refunded": released}
    balance.book_charge(ledger, charge)
    intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
    ledger.save(intent)
    events.record(ledger, "charge.captured", charge)
    events.record(ledger, "payment_intent.succeeded", intent)
    disputes.expect(ledger, charge)


def let_go(ledger: Ledger, intent: Json, *, topic: str = "charge.refunded") -> None:
    """Give everything back that is held."""
    charge = ledger.find(intent["latest_charge"], "charge")
    charge |= {"amount_refunded": charge["amount"], "refunded": True}
    ledger.save(charge)
    intent["amount_capturable"] = 0
    events.record(ledger, topic, charge)


def expire(ledger: Ledger, intent_id: str) -> None:
    """Cancel what nobody captured in time; nothing happens when it was captured or canceled."""
    intent = ledger.find(intent_id, "payment_intent")
    if intent["status"] != "requires_capture":
        return
    let_go(ledger, intent, topic="charge.expired")
    intent |= {"status": "canceled", "canceled_at": clock.timestamp(), "cancellation_reason": "automatic"}
    ledger.save(intent)
    events.record(ledger, "payment_intent.canceled", intent)
