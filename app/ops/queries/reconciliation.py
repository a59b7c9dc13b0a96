"""Comparisons with the provider's books, and what each of them found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, tuple_
from sqlalchemy.orm import Session

from app.platform.errors import NotFound
from app.platform.pagination import Page, paged
from app.settlement.models import ReconciliationFinding, ReconciliationRun
from app.settlement.states import CLOSED, FINDINGS, HEALED, ORPHANED, REFUNDED

Run = dict[str, Any]
"""A run's columns, and under each kind of finding how many it made."""


def runs(session: Session, *, before: tuple[datetime, UUID] | None, limit: int) -> Page[Run]:
    """The comparisons, newest first."""
    table = ReconciliationRun
    statement = select(table).order_by(table.started_at.desc(), table.id.desc()).limit(limit + 1)
    if before is not None:
        statement = statement.where(tuple_(table.started_at, table.id) < before)
    found = session.scalars(statement).all()
    counts = _counts(session, [each.id for each in found])
    listed = [_shown(each, counts) for each in found]
    return paged(listed, limit, lambda run: [run["started_at"], run["id"]])


def run(session: Session, run_id: UUID) -> Run:
    """One comparison. Raises NotFound."""
    found = session.get(ReconciliationRun, run_id)
    if found is None:
        raise NotFound("There is no such comparison.")
    return _shown(found, _counts(session, [run_id]))


def findings(
    session: Session, run_id: UUID, *, kind: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> Page[ReconciliationFinding]:
    """What a run found, of one kind or of all, in its order."""
    table = ReconciliationFinding
    statement = select(table).where(table.run_id == run_id)
    if kind is not None:
        statement = statement.where(table.kind == kind)
    if after is not None:
        statement = statement.where(tuple_(table.found_at, table.id) > after)
    in_order = statement.order_by(table.found_at, table.id).limit(limit + 1)
    return paged(session.scalars(in_order).all(), limit, lambda found: [found.found_at, found.id])


def left(session: Session, run_id: UUID) -> Sequence[ReconciliationFinding]:
    """What a run came upon that is not as it should be, whichever run noted it first, oldest first.

    An orphan whose money an operator had given back, or that takes none any more, is as it should be.
    """
    table = ReconciliationFinding
    begun_at = select(ReconciliationRun.started_at).where(ReconciliationRun.id == run_id).scalar_subquery()
    is_done = and_(table.kind == ORPHANED, table.action.in_((REFUNDED, CLOSED)))
    seen = select(table).where(table.kind != HEALED, ~is_done, table.last_seen_at >= begun_at)
    return session.scalars(seen.order_by(table.found_at, table.id)).all()


def _counts(session: Session, run_ids: Sequence[UUID]) -> dict[tuple[UUID, str], int]:
    table = ReconciliationFinding
    statement = select(table.run_id, table.kind, func.count()).where(table.run_id.in_(run_ids))
    return {(row[0], row[1]): row[2] for row in session.execute(statement.group_by(table.run_id, table.kind))}


def _shown(found: ReconciliationRun, counts: dict[tuple[UUID, str], int]) -> Run:
    columns = {column.key: getattr(found, column.key) for column in ReconciliationRun.__table__.columns}
    return columns | {kind: counts.get((found.id, kind), 0) for kind in FINDINGS}
