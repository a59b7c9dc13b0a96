"""Identifiers."""

import re
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def new_id() -> UUID:
    """A UUIDv7: known before the insert, growing with time. No secret: tokens are made elsewhere."""
    return uuid7()


def is_id(text: str) -> bool:
    """Whether this is an id, as far as its form tells."""
    return ID.fullmatch(text) is not None


def first_id_at(moment: datetime) -> UUID:
    """What no id is below that is made at this moment or later."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)
