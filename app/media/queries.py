"""Reading uploads, and where everybody finds their sizes."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Subquery, select
from sqlalchemy.orm import Session

from app.media.models import Upload
from app.media.states import READY, UPLOADED
from app.platform.db import table_of
from app.platform.errors import NotFound

if TYPE_CHECKING:  # for the hint
    from app.media.gateway.rules import MediaRules

SHOWN_IN_LISTS = "small"
"""The size whose key other packages keep beside what it shows."""
_public_url: list[str] = []


def show_at(rules: "MediaRules") -> None:
    """Have this process name the sizes of pictures by the settings' public address."""
    _public_url[:] = [rules.public_url]


def address(key: str | None) -> str | None:
    """Where everybody finds the size with this key; what lies there never changes. None for none."""
    return None if key is None else f"{_public_url[0]}/{key}"


def get(session: Session, upload_id: UUID) -> Upload:
    """An upload, whatever its state. Raises NotFound, also for one that was removed."""
    upload = session.scalars(select(Upload).where(Upload.id == upload_id)).one_or_none()
    if upload is None or upload.removed_at is not None:
        raise NotFound("There is no such upload.")
    return upload


def waiting(session: Session, upload_id: UUID) -> Upload | None:
    """The upload, if its sizes are still to be made."""
    mine = select(Upload).where(
        Upload.id == upload_id, Upload.status == UPLOADED, Upload.removed_at.is_(None)
    )
    return session.scalars(mine).one_or_none()


def uploads() -> Subquery:
    """What others join: id, status, refusal, width, height and sizes of what was not removed."""
    known = table_of(Upload).c
    columns = (known.id, known.status, known.refusal, known.width, known.height, known.sizes)
    return select(*columns).where(known.removed_at.is_(None)).subquery("uploads")


def newest_ready(session: Session, *, subject_kind: str, subject_id: UUID) -> UUID | None:
    """The last upload about a subject of those that can be shown."""
    theirs = select(Upload.id).where(
        Upload.subject_kind == subject_kind,
        Upload.subject_id == subject_id,
        Upload.removed_at.is_(None),
        Upload.status == READY,
    )
    return session.scalars(theirs.order_by(Upload.id.desc()).limit(1)).one_or_none()


def keys_in_lists(session: Session, upload_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The key of the size that lists show, of those of these uploads that can be shown."""
    theirs = select(Upload.id, Upload.sizes).where(Upload.id.in_(upload_ids), Upload.status == READY)
    shown = session.execute(theirs.where(Upload.removed_at.is_(None)))
    return {row.id: size["key"] for row in shown for size in row.sizes if size["name"] == SHOWN_IN_LISTS}


def keys_of(session: Session, upload_ids: Collection[UUID]) -> Mapping[UUID, frozenset[str] | None]:
    """For each of these that there is, the keys of its sizes; None while they are being made."""
    found = session.execute(select(Upload.id, Upload.status, Upload.sizes).where(Upload.id.in_(upload_ids)))
    return {
        row.id: None if row.status == UPLOADED else frozenset(size["key"] for size in row.sizes)
        for row in found
    }
