"""Claiming a delivery: one worker at a time, and a token that shuts out whoever was frozen meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import random
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Float, Result, and_, case, cast, func, or_, select, update
from sqlalchemy.orm import Session

from app.events import attempts
from app.events.models import DeliveryRecord, EventRecord
from app.events.services import FIRST_RING_GAP, Ring, ring_later
from app.events.subscriptions import subscription
from app.platform.db import Json, locked

ALARM_ATTEMPTS = 12
"""From here on, work that never dies by count goes on slowly, even when kills leave no failure to count."""
SLOW = timedelta(minutes=10)


class ClaimLost(Exception):
    """Another worker holds the delivery now, or it is done: whatever was about to commit must not."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a consumer is told about the work in hand. `waited`: seconds from due to claimed."""

    id: int
    event_id: UUID
    consumer: str
    topic: str
    subject: str
    payload: Json
    attempts: int
    failures: int
    request_id: str | None
    trace_context: str | None
    waited: float


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do one delivery, until its lease ends or another worker takes over."""

    delivery: Delivery
    token: int

    def check(self, session: Session) -> None:
        """Open a transaction of the work: locks the delivery. Raises ClaimLost when the token is stale."""
        held = locked(select(DeliveryRecord.id).where(*self._mine()))
        if session.execute(held).first() is None:
            raise ClaimLost(self.delivery.consumer)

    def finish(self, session: Session) -> None:
        """Mark the delivery done, in the transaction of its effect. Raises ClaimLost for a stale token."""
        values = {"state": "done", "done_at": func.now(), "lease_until": None, "last_error": None}
        if self._end(session, values, attempts.DONE).first() is None:
            raise ClaimLost(self.delivery.consumer)

    def renew(self, session: Session, lease: timedelta) -> bool:
        """Extend the lease; False when the claim is lost, or busy with a transaction that will end it."""
        mine = locked(select(DeliveryRecord.id).where(*self._mine()), skip_locked=True)
        extended = update(DeliveryRecord).where(DeliveryRecord.id.in_(mine))
        values = {"lease_until": func.now() + lease}
        return session.execute(extended.values(values).returning(DeliveryRecord.id)).first() is not None

    def give_back(
        self, session: Session, *, error: str, base: timedelta, permanent: bool = False
    ) -> str | None:
        """Put the delivery back after a failure, or declare it dead; the answer is its new state.

        The next try is due after full-jitter backoff over the failures so far, starting from `base`. A stale
        token changes nothing and answers None.
        """
        rule = subscription(self.delivery.consumer)
        failures = self.delivery.failures + 1
        dead = permanent or (rule.max_attempts is not None and failures >= rule.max_attempts)
        longest = min(rule.longest_backoff, base * 2 ** min(failures, 16))
        # Drawn here: SQL would draw once for each column, and the relay would wait for the later one.
        run_after = func.now() + longest * random()  # noqa: S311  # no secret
        reason = attempts.readable(error)
        values = {
            "state": "dead" if dead else "pending",
            "failures": failures,
            "last_error": reason,
            "lease_until": None,
            "run_after": run_after,
            "ring_after": run_after,
        }
        given = self._end(session, values, attempts.FAILED, reason).one_or_none()
        return given and str(given.state)

    def hand_over(self, session: Session) -> None:
        """Leave the delivery to a worker, at once, with no failure counted. A stale token changes nothing."""
        values = {
            "state": "pending",
            "lease_until": None,
            "run_after": func.now(),
            "ring_after": func.now() + FIRST_RING_GAP,
        }
        given = self._end(session, values, attempts.HANDED_OVER)
        ring_later(session, [Ring(row.consumer, row.queue, row.id) for row in given])

    def _end(self, session: Session, values: Json, outcome: str, error: str | None = None) -> Result[Any]:
        """Change the delivery and note the attempt's outcome, in one statement; no row for a stale token."""
        record = DeliveryRecord
        changed = update(record).where(*self._mine()).values(values)
        mine = changed.returning(record.id, record.token, record.state, record.consumer, record.queue).cte(
            "mine"
        )
        return session.execute(select(mine).add_cte(attempts.ended(mine, outcome, error)))

    def _mine(self) -> tuple[Any, ...]:
        return (
            DeliveryRecord.id == self.delivery.id,
            DeliveryRecord.token == self.token,
            DeliveryRecord.state == "running",
        )


def claim(session: Session, delivery_id: int, *, consumer: str, lease: timedelta) -> Claim | None:
    """Take a consumer's due delivery for `lease`, or None: it is done, dead, not due, or somebody has it.

    Commit it before the work, so that a kill counts as an attempt. One that was killed as often as it may
    fail becomes dead instead.
    """
    named = (DeliveryRecord.id == delivery_id, DeliveryRecord.consumer == consumer)
    free = locked(select(DeliveryRecord.id).where(*named, is_due()), skip_locked=True)
    # Read again after the lock: the sub-select alone may have judged an older version of the row.
    due = (DeliveryRecord.id.in_(free), is_due(), EventRecord.id == DeliveryRecord.event_id)
    taken = update(DeliveryRecord).where(*due).values(_taken(lease)).returning(*_DETAILS).cte("taken")
    row = session.execute(select(taken).add_cte(*attempts.begun(taken))).one_or_none()
    if row is None:
        return None
    held = Claim(Delivery(**{name: getattr(row, name) for name in Delivery.__slots__}), row.token)
    return None if _killed_too_often(session, held) else held


def claim_new(session: Session, rings: Sequence[Ring], *, consumer: str, lease: timedelta) -> Claim:
    """Take a delivery in the very transaction that publishes it: whoever publishes does the work at once.

    It is not rung; a crash before the work is done leaves it to the relay when the lease ends.
    """
    (mine,) = (ring for ring in rings if ring.consumer == consumer)
    session.info["rings"].remove(mine)
    held = claim(session, mine.delivery_id, consumer=consumer, lease=lease)
    if held is None:
        raise ClaimLost(consumer)
    return held


def is_due() -> ColumnElement[bool]:
    """Whether a delivery waits for a worker: pending, or running past its lease."""
    abandoned = and_(DeliveryRecord.state == "running", DeliveryRecord.lease_until < func.now())
    return and_(DeliveryRecord.run_after <= func.now(), or_(DeliveryRecord.state == "pending", abandoned))


def _taken(lease: timedelta) -> Json:
    slow = case(
        (DeliveryRecord.attempts >= ALARM_ATTEMPTS, func.now() + SLOW), else_=DeliveryRecord.run_after
    )
    return {
        "state": "running",
        "attempts": DeliveryRecord.attempts + 1,
        "token": DeliveryRecord.token + 1,
        "lease_until": func.now() + lease,
        "ring_after": func.now() + lease,
        "run_after": slow,
        "rings": 0,
    }


def _killed_too_often(session: Session, held: Claim) -> bool:
    rule = subscription(held.delivery.consumer)
    kills = held.delivery.attempts - 1 - held.delivery.failures
    if rule.max_attempts is None or kills < rule.max_attempts:
        return False
    held.give_back(session, error=f"killed {kills} times", base=SLOW, permanent=True)
    return True


_DETAILS = (
    DeliveryRecord.id,
    DeliveryRecord.event_id,
    DeliveryRecord.consumer,
    EventRecord.topic,
    EventRecord.subject,
    EventRecord.payload,
    DeliveryRecord.attempts,
    DeliveryRecord.failures,
    DeliveryRecord.token,
    EventRecord.request_id,
    EventRecord.trace_context,
    func.greatest(0.0, cast(func.extract("epoch", func.now() - DeliveryRecord.run_after), Float)).label(
        "waited"
    ),
)
