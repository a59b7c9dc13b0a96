"""The two tables that carry all background work, and the last success of each scheduled job."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from app.platform.db import Base, Json, one_of

OUTCOMES = ("done", "failed", "handed_over", "no_answer")
"""How an attempt ends; handed over: a request had no time for it and left it to a worker."""


class TransactionId(UserDefinedType[str]):
    """PostgreSQL's xid8. Sequences commit out of order; a reader takes only finished transactions."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in DDL."""
        return "xid8"


class EventRecord(Base):
    """One published event. Append-only.

    Where it comes from: `call` is the route or command that it is part of, `delivery_id` the work that
    published it; that row may be gone.
    """

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_subject_sequence", "subject", "sequence"),
        Index("ix_events_xid_sequence", "xid", "sequence"),
    )

    sequence: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    xid: Mapped[str] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    topic: Mapped[str]
    subject: Mapped[str]
    payload: Mapped[Json]
    actor: Mapped[str | None]
    request_id: Mapped[str | None]
    trace_context: Mapped[str | None]
    call: Mapped[str | None]
    delivery_id: Mapped[int | None] = mapped_column(BigInteger)
    occurred_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class DeliveryRecord(Base):
    """Work owed to one consumer of one event, until the consumer's effect has committed.

    One that is dead and dropped will not be done, because somebody decided so: it alarms no more.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("consumer", "dedupe_key", name="uq_deliveries_consumer_dedupe_key"),
        CheckConstraint("state IN ('pending', 'running', 'done', 'dead')", name="state_known"),
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="lease_while_running"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_at_when_done"),
        CheckConstraint("dropped_at IS NULL OR state = 'dead'", name="dropped_when_dead"),
        CheckConstraint(
            "(dropped_at IS NULL) = (drop_reason IS NULL) AND (dropped_at IS NULL) = (dropped_by IS NULL)",
            name="dropped_for_a_reason",
        ),
        Index(
            "ix_deliveries_due",
            "queue",
            "ring_after",
            postgresql_where=text("state IN ('pending', 'running')"),
        ),
        Index("ix_deliveries_dead", "queue", postgresql_where=text("state = 'dead'")),
        Index("ix_deliveries_done_at", "done_at", postgresql_where=text("state = 'done'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)
    consumer: Mapped[str]
    queue: Mapped[str]
    dedupe_key: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="pending")
    attempts: Mapped[int] = mapped_column(server_default="0")
    failures: Mapped[int] = mapped_column(server_default="0")
    run_after: Mapped[datetime] = mapped_column(server_default=func.now())
    ring_after: Mapped[datetime] = mapped_column(server_default=func.now())
    rings: Mapped[int] = mapped_column(server_default="0")
    lease_until: Mapped[datetime | None]
    token: Mapped[int] = mapped_column(BigInteger, server_default="0")
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    done_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    dropped_by: Mapped[str | None]
    drop_reason: Mapped[str | None]


class AttemptRecord(Base):
    """One worker's try of a delivery, known by the token that its claim got; gone with the delivery.

    Without an outcome it is under way, or its worker will never tell: that is known when its lease is over,
    and written as `no_answer` by the next claim.
    """

    __tablename__ = "delivery_attempts"
    __table_args__ = (
        CheckConstraint(one_of("outcome", OUTCOMES), name="outcome_known"),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended_at_given"),
        CheckConstraint("(outcome = 'failed') = (error IS NOT NULL)", name="error_when_failed"),
    )

    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    token: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int]
    worker: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    error: Mapped[str | None]


class ScheduledJob(Base):
    """When a scheduled job last did its work to the end."""

    __tablename__ = "scheduled_jobs"

    name: Mapped[str] = mapped_column(primary_key=True)
    last_success_at: Mapped[datetime]
