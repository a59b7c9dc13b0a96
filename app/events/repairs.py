"""What people do about work: have it tried again, or say that it will not be done. Each leaves a fact.

Repeating is safe by construction: whoever works holds a claim, and every consumer may run twice. So none of
this asks what the work is.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from app.events.errors import IllegalWorkMove
from app.events.events import WorkDropped, WorkRetried
from app.events.models import DeliveryRecord, EventRecord
from app.events.services import FIRST_RING_GAP, Ring, publish, ring_later
from app.platform import context
from app.platform.db import Json, locked
from app.platform.errors import NotFound

LARGEST_BATCH = 100

IS_HELD = and_(DeliveryRecord.state == "running", DeliveryRecord.lease_until > func.now())
"""Somebody works on it, as far as anybody knows."""


def try_again(session: Session, delivery_id: int) -> None:
    """Have work that is not done tried again at once, as if it had never failed; dropped work is owed again.

    Locks the delivery. Raises NotFound, and IllegalWorkMove for what is done or being worked on: a worker
    that is gone counts as such no longer than its lease.
    """
    _check_free(session, delivery_id)
    _owe_again(session, DeliveryRecord.id == delivery_id)


def try_dead_again(session: Session, *, consumer: str, limit: int = LARGEST_BATCH) -> Sequence[int]:
    """Have the oldest dead deliveries of a consumer tried again; their ids. Dropped ones stay so."""
    dead = select(DeliveryRecord.id).where(
        DeliveryRecord.consumer == consumer,
        DeliveryRecord.state == "dead",
        DeliveryRecord.dropped_at.is_(None),
    )
    oldest = locked(dead.order_by(DeliveryRecord.id).limit(limit), skip_locked=True)
    return _owe_again(session, DeliveryRecord.id.in_(session.scalars(oldest).all()))


def replay(session: Session, *, consumer: str, dedupe_key: str) -> bool:
    """Have a delivery that is done or dead done once more, at once; one that is under way is left alone.

    False when there is none to repeat; a delivery that was done is forgotten after a week.
    """
    named = (DeliveryRecord.consumer == consumer, DeliveryRecord.dedupe_key == dedupe_key)
    return bool(_owe_again(session, and_(*named, DeliveryRecord.state.in_(("done", "dead")))))


def drop(session: Session, delivery_id: int, *, reason: str) -> None:
    """Say for ever that pending or dead work will not be done, and why; it stays visible and alarms no more.

    Locks the delivery. Raises NotFound, and IllegalWorkMove for what is done, dropped or being worked on.
    """
    delivery = _check_free(session, delivery_id)
    if delivery.dropped_at is not None:
        raise IllegalWorkMove("The work was dropped before.", work_state="dropped")
    values = {
        "state": "dead",
        "lease_until": None,
        "dropped_at": func.now(),
        "dropped_by": context.current("actor") or "unknown",
        "drop_reason": reason,
    }
    about = _change(session, DeliveryRecord.id == delivery_id, values)
    for dropped, subject in about:
        publish(session, WorkDropped(dropped.delivery_id, dropped.consumer, about=subject))


def _check_free(session: Session, delivery_id: int) -> DeliveryRecord:
    statement = select(DeliveryRecord, IS_HELD).where(DeliveryRecord.id == delivery_id)
    row = session.execute(locked(statement)).one_or_none()
    if row is None:
        raise NotFound("There is no such work. What is done is forgotten after a week.")
    delivery, is_held = row
    if delivery.state == "done":
        raise IllegalWorkMove("The work is done.", work_state="done")
    if is_held:
        raise IllegalWorkMove("A worker is at it. See what comes of that first.", work_state="running")
    found: DeliveryRecord = delivery
    return found


def _owe_again(session: Session, which: ColumnElement[bool]) -> Sequence[int]:
    values = {
        "state": "pending",
        "failures": 0,
        "attempts": 0,
        "done_at": None,
        "lease_until": None,
        "run_after": func.now(),
        "ring_after": func.now() + FIRST_RING_GAP,
        "dropped_at": None,
        "dropped_by": None,
        "drop_reason": None,
    }
    owed = _change(session, which, values)
    ring_later(session, [ring for ring, _ in owed])
    for ring, subject in owed:
        publish(session, WorkRetried(ring.delivery_id, ring.consumer, about=subject))
    return [ring.delivery_id for ring, _ in owed]


def _change(session: Session, which: ColumnElement[bool], values: Json) -> list[tuple[Ring, str]]:
    """Change deliveries; what to ring for each, and what its event is about."""
    record = DeliveryRecord
    changed = update(record).where(which, EventRecord.id == record.event_id).values(values)
    rows = session.execute(
        changed.returning(record.consumer, record.queue, record.id, EventRecord.subject),
        execution_options={"synchronize_session": False},
    )
    return [(Ring(row.consumer, row.queue, row.id), row.subject) for row in rows]
