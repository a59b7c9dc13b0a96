"""Secrets of endpoints, and signatures by them: standardwebhooks.com, symmetric.

No secret is stored: each is made of its row by a key of the shop, so that a copy of the database, or the
audit log, signs nothing.
"""

import hmac
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Sequence

from app.platform.tokens import derived_token
from app.webhooks.models import WebhookSecret

PREFIX = "whsec_"


def name_of(key: str) -> str:
    """By what a key of the shop is known beside what it made."""
    return derived_token(key, purpose="name of a webhook key", facts=())[:12]


def text_of(secret: WebhookSecret, keys: Sequence[str]) -> str | None:
    """The secret as its receiver keeps it; None when the key that it was made by is there no more."""
    made = _bytes_of(secret, keys)
    return None if made is None else PREFIX + b64encode(made).decode()


def signatures(
    secrets: Sequence[WebhookSecret], keys: Sequence[str], *, message_id: str, timestamp: int, body: bytes
) -> str:
    """The header `webhook-signature`: one signature for each secret; empty when none can be made."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    known = (_bytes_of(each, keys) for each in secrets)
    return " ".join(
        f"v1,{b64encode(hmac.digest(each, signed, 'sha256')).decode()}" for each in known if each is not None
    )


def _bytes_of(secret: WebhookSecret, keys: Sequence[str]) -> bytes | None:
    for key in keys:
        if name_of(key) == secret.made_by:
            token = derived_token(key, purpose="webhook secret", facts=(str(secret.id),))
            return urlsafe_b64decode(token + "=")
    return None
