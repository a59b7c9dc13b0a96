"""What things are called in the storage: by our ids and hashes, and by nothing that comes from outside."""

import hashlib
import re
from uuid import UUID

from app.media.services.kinds import SUFFIXES, WEBP

ORIGINALS, SIZES = "originals", "sizes"
SIZE_TYPE = WEBP
"""What all sizes are encoded in."""
_SUFFIX = SUFFIXES[SIZE_TYPE]
_NAME = re.compile(rf"[0-9a-f]{{32}}\.{_SUFFIX}")


def original_key(upload_id: UUID) -> str:
    """Where the file lies as it came."""
    return f"{ORIGINALS}/{upload_id}"


def sizes_folder(upload_id: UUID) -> str:
    """Where the sizes of an upload lie."""
    return f"{SIZES}/{upload_id}"


def size_key(upload_id: UUID, content: bytes) -> str:
    """By what a size is known, the same for the same bytes: what is found under it never changes."""
    return f"{upload_id}/{hashlib.sha256(content).hexdigest()[:32]}.{_SUFFIX}"


def stored_size(key: str) -> str:
    """Where the size that is known by this key lies."""
    return f"{SIZES}/{key}"


def is_size_name(name: str) -> bool:
    """Whether this can be the last part of a size's key."""
    return _NAME.fullmatch(name) is not None


def upload_of(key: str) -> UUID | None:
    """Whose object lies under this key of the storage; None for a key that is none of ours."""
    folder, _, rest = key.partition("/")
    try:
        return UUID(rest.partition("/")[0]) if folder in {ORIGINALS, SIZES} else None
    except ValueError:
        return None
