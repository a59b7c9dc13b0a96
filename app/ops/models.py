"""What the last examination of the shop has found, and what operators have done."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, Json


class InvariantCheck(Base):
    """How many things broke an invariant when it was last checked; `invariant` is its id."""

    __tablename__ = "invariant_checks"
    __table_args__ = (CheckConstraint("violations >= 0", name="violations_not_negative"),)

    invariant: Mapped[str] = mapped_column(primary_key=True)
    violations: Mapped[int]
    checked_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AuditEntry(Base):
    """One row that an operator has added, changed or deleted: what changed of it, before and after.

    A trigger writes it in the transaction of the change; nobody can alter it later. Secrets and personal data
    are "hidden": only that they changed is told.
    """

    __tablename__ = "audit_log"
    __table_args__ = (
        CheckConstraint("act IN ('insert', 'update', 'delete')", name="act_known"),
        Index("ix_audit_log_thing", "thing", "thing_id", "id"),
        Index("ix_audit_log_actor", "actor", "id"),
        Index("ix_audit_log_request_id", "request_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor: Mapped[str]
    call: Mapped[str | None]
    request_id: Mapped[str | None]
    act: Mapped[str]
    thing: Mapped[str]
    thing_id: Mapped[str]
    before: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
