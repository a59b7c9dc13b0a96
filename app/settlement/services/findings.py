"""What reconciliation found: kept for the report, told on the order's timeline, counted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.events.services import publish
from app.platform.ids import new_id
from app.platform.logging import get_logger
from app.platform.money import Money
from app.settlement.events import DifferenceFound, OrphanRefunded
from app.settlement.models import ReconciliationFinding, ReconciliationRun
from app.settlement.services.comparing import Difference
from app.settlement.states import BOOKS, DISAGREEING, HEALED, ORPHANED

log = get_logger("app.settlement")

IS_NEW: ColumnElement[bool] = literal_column("xmax = 0")
"""Of a row that was written: whether it was not there before."""


def record(session: Session, run_id: UUID, found: Difference[Any], kind: str, action: str) -> None:
    """Note what became of a difference. One that could not be healed is noted, told and counted once."""
    values = {
        "id": new_id(),
        "run_id": run_id,
        "kind": kind,
        "book": found.book,
        "object_id": found.object_id,
        "payment_id": found.payment_id,
        "order_id": found.order_id,
        "ours": found.ours,
        "theirs": found.theirs,
        "action": action,
        "amount": found.money and found.money.amount,
        "currency": found.money and found.money.currency,
    }
    kept = (
        insert(ReconciliationFinding)
        .values(values)
        .on_conflict_do_update(
            index_elements=["object_id", "kind", "ours", "theirs"],
            index_where=text("kind <> 'healed'"),
            set_={"last_seen_at": func.clock_timestamp()},
        )
        .returning(IS_NEW)
    )
    if session.scalar(kept):
        _tell(session, run_id, found, kind, action)


def unread_since(session: Session, moment: datetime) -> bool:
    """Whether one of the provider's lists was left out since then."""
    found = ReconciliationFinding
    unread = select(found.id).where(found.object_id.in_(BOOKS), found.kind == DISAGREEING)
    return session.scalar(unread.where(found.last_seen_at >= moment).limit(1)) is not None


def _tell(session: Session, run_id: UUID, found: Difference[Any], kind: str, action: str) -> None:
    facts = {
        "kind": kind,
        "book": found.book,
        "object_id": found.object_id,
        "ours": found.ours,
        "theirs": found.theirs,
        "action": action,
    }
    subject = str(found.order_id or found.object_id)
    publish(session, DifferenceFound(subject_id=subject, run_id=run_id, **facts))
    # Healed is as it should be; whatever else has money in it cannot wait until somebody reads a report.
    level = log.info if kind == HEALED else log.error if found.money else log.warning
    level("difference_found", order_id=str(found.order_id), money=str(found.money), **facts)


def orphans(session: Session, run_id: UUID) -> Sequence[ReconciliationFinding]:
    """The objects without a row of ours that a run came upon, whichever run noted them, oldest first."""
    table = ReconciliationFinding
    begun_at = select(ReconciliationRun.started_at).where(ReconciliationRun.id == run_id).scalar_subquery()
    seen = select(table).where(table.kind == ORPHANED, table.last_seen_at >= begun_at)
    return session.scalars(seen.order_by(table.found_at, table.id)).all()


def conclude(session: Session, found: ReconciliationFinding, action: str, *, returned: Money | None) -> None:
    """Note what was done about an orphan at last, and tell what of its money went back just now."""
    noted = update(ReconciliationFinding).where(ReconciliationFinding.id == found.id)
    session.execute(noted.values(action=action))
    if returned is not None:
        subject = str(found.order_id or found.object_id)
        told = OrphanRefunded(subject, found.object_id, returned.amount, returned.currency)
        publish(session, told)
        log.warning("orphan_refunded", object_id=found.object_id, order_id=subject, money=str(returned))
