"""What is known of files: expected, uploaded, then ready or refused, and one day removed."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.events.services import publish
from app.media.errors import UnsupportedPicture
from app.media.events import MediaReady, MediaRefused, MediaRemoved, MediaUploaded
from app.media.models import Upload
from app.media.services.kinds import kind_of
from app.media.states import EXPECTED, MOVES, READY, REFUSED, UPLOADED
from app.platform.db import locked
from app.platform.errors import NotFound
from app.platform.ids import new_id


def expect(session: Session, *, subject_kind: str, subject_id: UUID, content: bytes) -> Upload:
    """The upload of this file about a subject, before it is stored; the same one for the same file again.

    Raises UnsupportedPicture by the first bytes; the rest is for a worker to judge. Locks the row.
    """
    content_type = kind_of(content)
    if content_type is None:
        raise UnsupportedPicture("Send a JPEG, PNG, WebP or AVIF picture: this file is none of them.")
    row = insert(Upload).values(
        id=new_id(),
        subject_kind=subject_kind,
        subject_id=subject_id,
        content_type=content_type,
        byte_size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    kept = row.on_conflict_do_update(
        index_elements=["subject_kind", "subject_id", "sha256"],
        index_where=Upload.removed_at.is_(None),
        set_={"byte_size": row.excluded.byte_size},
    )
    return session.scalars(kept.returning(Upload), execution_options={"populate_existing": True}).one()


def record_stored(session: Session, upload_id: UUID) -> None:
    """Note that the file lies in the storage, and have its sizes made. Repeating changes nothing.

    Raises NotFound for one that was removed meanwhile.
    """
    if stored := _move(session, upload_id, UPLOADED):
        publish(session, MediaUploaded(stored.id, stored.subject_kind, stored.subject_id))
        return
    there = select(Upload.id).where(Upload.id == upload_id, Upload.removed_at.is_(None))
    if session.scalar(there) is None:
        raise NotFound("The picture was removed while it was on its way. Send it again.")


def record_ready(
    session: Session, upload_id: UUID, *, width: int, height: int, sizes: Sequence[dict[str, Any]]
) -> None:
    """Note the sizes that everybody may see from now on; nothing for one that was removed."""
    if ready := _move(session, upload_id, READY, width=width, height=height, sizes=list(sizes)):
        publish(session, MediaReady(ready.id, ready.subject_kind, ready.subject_id))


def record_refused(session: Session, upload_id: UUID, *, refusal: str) -> None:
    """Note why nothing can be shown of the file; nothing for one that was removed."""
    if refused := _move(session, upload_id, REFUSED, refusal=refusal):
        publish(session, MediaRefused(refused.id, refused.subject_kind, refused.subject_id, refusal))


def remove(session: Session, upload_ids: Sequence[UUID]) -> None:
    """Show these no more, and have their objects erased. Repeating is harmless."""
    theirs = update(Upload).where(Upload.id.in_(upload_ids), Upload.removed_at.is_(None))
    removed = theirs.values(removed_at=func.now()).returning(
        Upload.id, Upload.subject_kind, Upload.subject_id
    )
    for row in session.execute(removed).all():
        publish(session, MediaRemoved(row.id, row.subject_kind, row.subject_id))


def remove_of(session: Session, *, subject_kind: str, subject_id: UUID, before: UUID | None = None) -> None:
    """Remove all that is uploaded about a subject; with `before`, what is older than that upload."""
    theirs = select(Upload.id).where(
        Upload.subject_kind == subject_kind, Upload.subject_id == subject_id, Upload.removed_at.is_(None)
    )
    if before is not None:
        theirs = theirs.where(Upload.id < before)
    remove(session, session.scalars(theirs.order_by(Upload.id)).all())


def give_up_unfinished(session: Session, *, limit: int) -> int:
    """Remove up to `limit` of those whose file has not come within a day; the answer is how many."""
    overdue = select(Upload.id).where(
        Upload.status == EXPECTED,
        Upload.removed_at.is_(None),
        Upload.created_at < func.now() - func.make_interval(0, 0, 0, 1),
    )
    ids = session.scalars(locked(overdue.order_by(Upload.id).limit(limit), skip_locked=True)).all()
    remove(session, ids)
    return len(ids)


def forget(session: Session, upload_id: UUID) -> None:
    """Delete the row of a removed upload whose objects are gone."""
    session.execute(delete(Upload).where(Upload.id == upload_id, Upload.removed_at.is_not(None)))


def _move(session: Session, upload_id: UUID, to: str, **values: Any) -> Upload | None:
    """Move an upload on, if it stands where this is a legal move and was not removed."""
    before = [state for state, following in MOVES.items() if to in following]
    moved = (
        update(Upload)
        .where(Upload.id == upload_id, Upload.status.in_(before), Upload.removed_at.is_(None))
        .values(status=to, **values)
        .returning(Upload)
    )
    return session.scalars(moved, execution_options={"populate_existing": True}).one_or_none()
