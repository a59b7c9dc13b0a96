"""Identifiers."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7: known before the insert, growing with time. No secret: tokens are made elsewhere."""
    return uuid7()
