"""Events of the provider that are none of ours, as it sends them: they cost as much as others to take."""

import secrets
import time

import orjson

from proof.outages.answers import Answer
from proof.outages.visitor import Visitor
from sandbox.stripe.background import signature

PATH = "/v1/webhooks/stripe"


def foreign_event() -> bytes:
    """A payment of somebody else on the same account."""
    intent = {
        "id": f"pi_{secrets.token_hex(12)}",
        "object": "payment_intent",
        "status": "succeeded",
        "amount": 2699,
        "amount_received": 2699,
        "currency": "usd",
        "metadata": {},
    }
    event = {
        "id": f"evt_{secrets.token_hex(12)}",
        "object": "event",
        "api_version": "2026-10-28.basil",
        "created": int(time.time()),
        "livemode": False,
        "type": "payment_intent.succeeded",
        "data": {"object": intent},
    }
    return orjson.dumps(event)


def tell(visitor: Visitor, secret: str) -> Answer:
    """Send one, signed at this moment."""
    event = foreign_event()
    return visitor.send("webhook", "POST", PATH, event, **{"Stripe-Signature": signature(event, secret)})
