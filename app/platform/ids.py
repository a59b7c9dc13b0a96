"""Identifiers."""

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7: known before the insert, growing with time. No secret: tokens are made elsewhere."""
    return uuid7()


def first_id_at(moment: datetime) -> UUID:
    """What no id is below that is made at this moment or later."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)
