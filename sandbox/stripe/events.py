import stripe

from sandbox.stripe import clock, deliveries
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.ids import new_id


def record(ledger: Ledger, topic: str, thing: Json, *, previous: Json | None = None) -> None:
    """Enter an event with a snapshot of the object, and owe its webhook, in the transaction of the effect.

    `previous` are the former values of what changed, which Stripe tells with its updates.
    """
    changed = {} if previous is None else {"previous_attributes": previous}
    event: Json = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": stripe.api_version,
        "created": clock.timestamp(),
        "data": {"object": thing, **changed},
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": ledger.origin.request_id, "idempotency_key": ledger.origin.idempotency_key},
        "type": topic,
    }
    ledger.add(event, subject=topic)
    deliveries.owe(ledger, event)


def shown(ledger: Ledger, event: Json) -> Json:
    """The event with the number of its webhooks that have not arrived yet."""
    return {**event, "pending_webhooks": deliveries.pending(ledger, event["id"])}
