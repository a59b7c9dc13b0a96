"""What users ask to be told about themselves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, Json
from app.platform.ids import new_id


class DataExport(Base):
    """All that the shop knows of a user, as of `ready_at`; one at a time is being made."""

    __tablename__ = "data_exports"
    __table_args__ = (
        CheckConstraint("(ready_at IS NULL) = (content IS NULL)", name="content_when_ready"),
        Index("ix_data_exports_user_id", "user_id"),
        Index("uq_data_exports_pending", "user_id", unique=True, postgresql_where=text("ready_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    requested_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ready_at: Mapped[datetime | None]
    content: Mapped[Json | None]

    @property
    def status(self) -> str:
        """`pending`, or `ready`."""
        return "pending" if self.ready_at is None else "ready"
