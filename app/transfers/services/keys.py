"""What files are called in the storage; nobody but the shop ever sees these names."""

import hashlib
from uuid import UUID

IMPORTS, EXPORTS = "imports", "exports"
PRIVATE = {"Content-Type": "application/octet-stream", "Cache-Control": "private, no-store"}


def source_key(import_id: UUID) -> str:
    """Where the file of an import lies."""
    return f"{IMPORTS}/{import_id}"


def parts_folder(export_id: UUID) -> str:
    """Where the parts of an export lie."""
    return f"{EXPORTS}/{export_id}"


def part_name(step: int, content: bytes) -> str:
    """The same for the same bytes: who writes a part once more, frozen meanwhile, spoils nobody's."""
    return f"{step:06}-{hashlib.sha256(content).hexdigest()[:16]}"


def part_key(export_id: UUID, name: str) -> str:
    """Where a part of an export lies."""
    return f"{parts_folder(export_id)}/{name}"
