"""Runs of reconciliation: begun by the schedule or an operator, and where each of them has come to."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from app.events.services import publish, record_success
from app.platform.db import locked, now
from app.platform.forgetting import delete_some
from app.platform.ids import new_id
from app.platform.logging import get_logger
from app.settlement.events import ReconciliationContinued
from app.settlement.models import ReconciliationRun
from app.settlement.services import findings
from app.settlement.states import DONE, INTERRUPTED, MANUAL, RUNNING, STAGES

log = get_logger("app.settlement")

KEPT = timedelta(days=90)
LOST_AFTER = timedelta(hours=1)
"""A running one that nobody has touched for so long has lost its worker for good."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a run has come: what to look through now (None: nothing is left), in its list after `cursor`.

    `is_second_try`: the provider was silent here when the run came here last. `compared` counts the objects
    that were looked at since the place was read.
    """

    kind: str
    stage: str | None
    cursor: str | None
    since: datetime
    is_second_try: bool = False
    compared: int = 0

    def beyond(self, cursor: str | None, *, compared: int) -> "Place":
        """Further on, after an object; without one at the end of this list, where the next begins."""
        stage = self.stage if cursor is not None else self._next_stage()
        compared += self.compared
        return replace(self, stage=stage, cursor=cursor, is_second_try=False, compared=compared)

    def _next_stage(self) -> str | None:
        stages = STAGES[self.kind]
        left = stages[stages.index(self.stage or "") + 1 :]
        return left[0] if left else None


def schedule(session: Session, kind: str, *, reaching_back: timedelta = timedelta(0)) -> None:
    """Owe a run of this kind over what the provider made in the time before now.

    An unfinished one goes on instead, if it was interrupted; nothing changes while it is under way.
    """
    session.execute(_new(kind, reaching_back).on_conflict_do_nothing())
    of_kind = select(ReconciliationRun).where(ReconciliationRun.kind == kind, ReconciliationRun.state != DONE)
    run = session.scalars(locked(of_kind)).one_or_none()
    if run is None:  # the one that was under way has ended just now
        return
    is_new, is_lost = run.step == 0, run.touched_at < now(session) - LOST_AFTER
    if is_new or is_lost or run.state == INTERRUPTED:
        run.state = RUNNING  # by what it was interrupted stays, until it has come further
        _owe_step(session, run)


def begin(session: Session, *, reaching_back: timedelta) -> UUID:
    """Write a new run that nobody is owed: its steps are taken by who began it."""
    return session.scalars(_new(MANUAL, reaching_back).returning(ReconciliationRun.id)).one()


def _new(kind: str, reaching_back: timedelta) -> Insert:
    since = func.now() - reaching_back
    return insert(ReconciliationRun).values(id=new_id(), kind=kind, since=since, stage=STAGES[kind][0])


def place(session: Session, run_id: UUID, *, step: int) -> Place | None:
    """Where a run has come to; None when this step of it is not wanted any more."""
    run = session.get_one(ReconciliationRun, run_id)
    if run.state != RUNNING or run.step != step:
        return None
    return Place(run.kind, run.stage, run.cursor, run.since, is_second_try=run.interrupted_by is not None)


def arrive(session: Session, run_id: UUID, at: Place) -> bool:
    """Note how far a run has come; True when there is more.

    A finished one is the success of its job, unless a list was left out meanwhile.
    """
    run = _locked(session, run_id)
    run.compared += at.compared
    run.touched_at = now(session)
    run.interrupted_by = run.interrupted_by if at.is_second_try else None
    if at.stage is not None:
        run.stage, run.cursor = at.stage, at.cursor
        return True
    run.cursor, run.finished_at, run.state = None, run.touched_at, DONE
    if run.kind != MANUAL and not findings.unread_since(session, run.started_at):
        record_success(session, f"settlement.reconcile_{run.kind}")
    return False


def interrupt(session: Session, run_id: UUID, *, reason: str) -> None:
    """Leave the rest of a run to the next period of its schedule."""
    run = _locked(session, run_id)
    run.state, run.interrupted_by = INTERRUPTED, reason
    log.warning("reconciliation_interrupted", run_id=str(run_id), reason=reason)


def go_on(session: Session, run_id: UUID) -> None:
    """Owe the next step of a run to a worker."""
    _owe_step(session, _locked(session, run_id))


def _locked(session: Session, run_id: UUID) -> ReconciliationRun:
    return session.scalars(locked(select(ReconciliationRun).where(ReconciliationRun.id == run_id))).one()


def _owe_step(session: Session, run: ReconciliationRun) -> None:
    run.step += 1
    run.touched_at = now(session)
    publish(session, ReconciliationContinued(run_id=run.id, step=run.step))


def forget_old(session: Session, *, limit: int) -> int:
    """Delete up to `limit` runs that began three months ago, with what they found; the answer is how many."""
    old = ReconciliationRun.started_at < func.now() - KEPT
    return delete_some(session, ReconciliationRun, old, limit=limit)
