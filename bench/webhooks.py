"""What the payment provider reports, as it reports it."""

import hashlib
import hmac
import secrets
import time
from typing import Any

import orjson

from bench.requests import Request

Json = dict[str, Any]


def event_about_nothing() -> Json:
    """A payment of somebody else on the same account: it has no metadata of ours."""
    return _event(_intent(f"pi_{secrets.token_hex(12)}", 2699, "usd", {}))


def event_about(provider_id: str, payment_id: str, order_id: str, amount: int, currency: str) -> Json:
    """The buyer has paid."""
    metadata = {"payment_id": payment_id, "order_id": order_id}
    return _event(_intent(provider_id, amount, currency.lower(), metadata))


def signed(event: Json, secret: str) -> Request:
    """The request that brings an event, signed at this moment."""
    body, moment = orjson.dumps(event), int(time.time())
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": f"t={moment},v1={digest}",
    }
    return Request("POST", "/v1/webhooks/stripe", headers, body)


def _event(intent: Json) -> Json:
    return {
        "id": f"evt_{secrets.token_hex(12)}",
        "object": "event",
        "api_version": "2026-10-28.basil",
        "created": int(time.time()),
        "data": {"object": intent},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": f"req_{secrets.token_hex(7)}", "idempotency_key": secrets.token_hex(16)},
        "type": "payment_intent.succeeded",
    }


def _intent(provider_id: str, amount: int, currency: str, metadata: Json) -> Json:
    return {
        "id": provider_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": amount,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{provider_id}_secret",
        "confirmation_method": "automatic",
        "created": int(time.time()),
        "currency": currency,
        "customer": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": f"ch_{secrets.token_hex(12)}",
        "livemode": False,
        "metadata": metadata,
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": f"pm_{secrets.token_hex(12)}",
        "payment_method_options": {"card": {"installments": None, "request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }
