"""Uploads in the database and the storage, as requests and workers leave them."""

from uuid import UUID

from flask import Flask

from app.media.gateway.protocol import Storage
from app.media.services import uploads
from app.media.workflows.receiving import store
from app.platform.db import transaction
from app.platform.ids import new_id


def upload(
    app: Flask, content: bytes, *, subject_kind: str = "product", subject_id: UUID | None = None
) -> UUID:
    """A file that was taken and stored; a worker has not seen it."""
    storage: Storage = app.extensions["media_storage"]
    with transaction() as session:
        expected = uploads.expect(
            session, subject_kind=subject_kind, subject_id=subject_id or new_id(), content=content
        )
    store(expected, content, storage=storage)
    with transaction() as session:
        uploads.record_stored(session, expected.id)
    return expected.id
