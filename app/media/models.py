"""Files that were uploaded."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.media.states import EXPECTED, MOVES, REFUSALS
from app.platform.db import Base, one_of
from app.platform.ids import new_id


class Upload(Base):
    """A file about one subject: a product, a category, or whatever another package names.

    `sizes` are what everybody may see of it: name, key, width, height and bytes of each, the smallest first.
    `width` and `height` are those of the picture as it is looked at. The same file about the same subject is
    one upload, as long as it is not removed; a removed one is a row until its objects are erased.
    """

    __tablename__ = "media_uploads"
    __table_args__ = (
        CheckConstraint(one_of("status", MOVES), name="status_known"),
        CheckConstraint(one_of("refusal", REFUSALS), name="refusal_known"),
        CheckConstraint("(status = 'refused') = (refusal IS NOT NULL)", name="refusal_given"),
        CheckConstraint("(status = 'ready') = (sizes <> '[]')", name="sizes_when_ready"),
        CheckConstraint("byte_size > 0", name="not_empty"),
        Index(
            "uq_media_uploads_subject_file",
            "subject_kind",
            "subject_id",
            "sha256",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index("ix_media_uploads_expected", "created_at", postgresql_where=text("status = 'expected'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(server_default=EXPECTED)
    refusal: Mapped[str | None]
    content_type: Mapped[str]
    byte_size: Mapped[int]
    sha256: Mapped[str]
    width: Mapped[int | None]
    height: Mapped[int | None]
    sizes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    removed_at: Mapped[datetime | None]
