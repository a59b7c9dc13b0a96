"""Stripe's signature on a webhook."""

from collections.abc import Sequence
from typing import Any

import orjson
import stripe

from app.payments.errors import BadSignature
from app.platform import clock
from app.platform.errors import BadRequest

TOLERANCE_SECONDS = 300


def verified(body: bytes, header: str | None, secrets: Sequence[str]) -> dict[str, Any]:
    """The event in a signed body. Several secrets are valid while one replaces another.

    Raises BadSignature for a body that none of them signed within five minutes of now, BadRequest for one
    that holds no event.
    """
    if not any(_signed(body, header, secret) for secret in secrets):
        raise BadSignature("The Stripe-Signature header does not fit this body, or is not of now.")
    try:
        event = orjson.loads(body)
        named = isinstance(event["id"], str) and isinstance(event["type"], str)
        storable = isinstance(event["data"]["object"], dict) and b"\\u0000" not in body
    except (ValueError, TypeError, KeyError):
        named = storable = False
    if not (named and storable):
        raise BadRequest("The body holds no event.")
    return dict(event)


def _signed(body: bytes, header: str | None, secret: str) -> bool:
    if header is None or not header.isascii():  # the library's comparison fails over other characters
        return False
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    # The library's check is one-sided: a moment in the future passes it.
    moment = int(next(part for part in header.split(",") if part.startswith("t="))[2:])
    return moment <= clock.now().timestamp() + TOLERANCE_SECONDS
