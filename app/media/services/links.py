"""Links to originals that the API opens itself: signed, for a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.platform.tokens import derived_token, same_token

PURPOSE = "original of an upload"


def signed_path(upload_id: UUID, *, now: datetime, lifetime: timedelta, secret: str) -> str:
    """The path and query that open an original for so long."""
    expires = int((now + lifetime).timestamp())
    signature = _signature(upload_id, expires, secret)
    return f"/media/originals/{upload_id}?expires={expires}&signature={signature}"


def opens(upload_id: UUID, *, expires: int, signature: str, now: datetime, secrets: Sequence[str]) -> bool:
    """Whether this is such a link by one of the secrets, of this very original, and not too old."""
    right = (_signature(upload_id, expires, secret) for secret in secrets)
    return any(same_token(signature, each) for each in right) and expires > now.timestamp()


def _signature(upload_id: UUID, expires: int, secret: str) -> str:
    return derived_token(secret, purpose=PURPOSE, facts=(str(upload_id), str(expires)))
