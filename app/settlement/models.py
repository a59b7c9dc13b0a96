"""Comparisons of our books with the provider's, and what each of them found."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Amount, Base, Currency, one_of
from app.platform.ids import new_id
from app.platform.money import Money
from app.settlement.states import ACTIONS, BOOKS, FINDINGS, RUN_KINDS, RUN_STATES


class ReconciliationRun(Base):
    """One comparison, in steps: `stage` and `cursor` say how far it has come, `step` how often it went on.

    `since`: what the provider made before is not listed. `compared` counts objects of the provider.
    """

    __tablename__ = "reconciliation_runs"
    __table_args__ = (
        CheckConstraint(one_of("kind", RUN_KINDS), name="kind_known"),
        CheckConstraint(one_of("state", RUN_STATES), name="state_known"),
        CheckConstraint("(state = 'done') = (finished_at IS NOT NULL)", name="finished_at_given"),
        # Of the scheduled ones, one of a kind at a time; several operators may run one each.
        Index(
            "uq_reconciliation_runs_unfinished",
            "kind",
            unique=True,
            postgresql_where=text("state <> 'done' AND kind <> 'manual'"),
        ),
        Index("ix_reconciliation_runs_started_at_id", "started_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="running")
    since: Mapped[datetime]
    stage: Mapped[str]
    cursor: Mapped[str | None]
    step: Mapped[int] = mapped_column(server_default="0")
    compared: Mapped[int] = mapped_column(server_default="0")
    interrupted_by: Mapped[str | None]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    touched_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class ReconciliationFinding(Base):
    """One object of the provider that did not fit our books, and what was done about it.

    What could not be healed is one row however often it is seen: `run_id` and `found_at` are of the first
    time. `ours` and `theirs` are short facts: a status, minor units taken of those asked for, a currency.
    """

    __tablename__ = "reconciliation_findings"
    __table_args__ = (
        CheckConstraint(one_of("kind", FINDINGS), name="kind_known"),
        CheckConstraint(one_of("book", BOOKS), name="book_known"),
        CheckConstraint(one_of("action", ACTIONS), name="action_known"),
        Index(
            "uq_reconciliation_findings_left",
            "object_id",
            "kind",
            "ours",
            "theirs",
            unique=True,
            postgresql_where=text("kind <> 'healed'"),
        ),
        Index("ix_reconciliation_findings_run_id_found_at_id", "run_id", "found_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("reconciliation_runs.id", ondelete="CASCADE"))
    kind: Mapped[str]
    book: Mapped[str]
    object_id: Mapped[str]
    payment_id: Mapped[UUID | None]
    order_id: Mapped[UUID | None]
    ours: Mapped[str]
    theirs: Mapped[str]
    action: Mapped[str]
    amount: Mapped[Amount | None]
    currency: Mapped[Currency | None]
    found_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    @property
    def money(self) -> Money | None:
        """What the provider's object has taken, or gives back, where that is known."""
        return None if self.amount is None or self.currency is None else Money(self.amount, self.currency)
