"""Where the files of documents lie, and with which headers they are served."""

import hashlib
from uuid import UUID

FOLDER = "documents"
PDF = "application/pdf"
PRIVATE = {"Content-Type": PDF, "Cache-Control": "private, no-store"}


def hash_of(content: bytes) -> str:
    """By what a file is known."""
    return hashlib.sha256(content).hexdigest()


def file_key(document_id: UUID, sha256: str) -> str:
    """Where a file lies: another one of the same document, made by a worker that was frozen, beside it."""
    return f"{FOLDER}/{document_id}/{sha256[:32]}.pdf"
