"""Signed events of the provider, handed to the API in the test's own time."""

import hashlib
import hmac
import json
import time
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.payments.gateway.protocol import ProviderPayment
from tests.stand_in import SECRET, StandIn


def sign(body: bytes, *, secret: str = SECRET, age_seconds: int = 0) -> str:
    """The Stripe-Signature header of a body that was sent so long ago."""
    moment = int(time.time()) - age_seconds
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def post(client: FlaskClient, body: bytes, signature: str | None) -> TestResponse:
    """Post a body as the provider would."""
    headers = {"Stripe-Signature": signature} if signature is not None else {}
    return client.post(
        "/v1/webhooks/stripe", data=body, headers=headers, content_type="application/json; charset=utf-8"
    )


def deliver(client: FlaskClient, event: dict[str, Any]) -> None:
    """Hand over one event, signed."""
    body = json.dumps(event).encode()
    assert post(client, body, sign(body)).status_code == 200


def deliver_all(client: FlaskClient, stripe: StandIn) -> None:
    """Hand over everything that has happened at the stand-in, in its order."""
    for event in stripe.books()["events"]:
        deliver(client, event)


def event_about(thing: dict[str, Any], topic: str, event_id: str = "evt_1") -> dict[str, Any]:
    """An event as the provider makes it."""
    return {"id": event_id, "object": "event", "type": topic, "api_version": "x", "data": {"object": thing}}


def intent_of(seen: ProviderPayment) -> dict[str, Any]:
    """The provider's JSON of what was seen."""
    return {
        "id": seen.provider_id,
        "object": "payment_intent",
        "status": seen.status,
        "amount": seen.amount,
        "amount_received": seen.amount_received,
        "currency": seen.currency.lower(),
        "client_secret": seen.client_secret,
        "metadata": {"payment_id": str(seen.payment_id), "order_id": str(seen.order_id)},
    }
