"""Claiming a delivery: one worker at a time, and a token that shuts out whoever was frozen meanwhile."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from random import random
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Float,
    Interval,
    Row,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.events import attempts
from app.events.events import Event
from app.events.models import DeliveryRecord, EventRecord
from app.events.services import FIRST_RING_GAP, Ring, announced, ring_later, rings_of, stated
from app.events.subscriptions import subscription
from app.events.waiting import others_wait
from app.platform.db import Json, locked, table_of

ALARM_ATTEMPTS = 12
"""From here on, work that never dies by count goes on slowly, even when kills leave no failure to count."""
SLOW = timedelta(minutes=10)
FIRST_TOKEN = 1


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
    """The right to do one delivery, until its lease ends or another worker takes over.

    `others_wait`: when it was given, there was a backlog in the same queue.
    """

    delivery: Delivery
    token: int
    others_wait: bool = False

    def check(self, session: Session) -> None:
        """Open a transaction of the work: locks the delivery. Raises ClaimLost when the token is stale."""
        if session.execute(_holding(), self._mine).first() is None:
            raise ClaimLost(self.delivery.consumer)

    def finish(self, session: Session) -> None:
        """Mark the delivery done, in the transaction of its effect. Raises ClaimLost for a stale token."""
        if session.execute(_finishing(), self._mine).first() is None:
            raise ClaimLost(self.delivery.consumer)

    def renew(self, session: Session, lease: timedelta) -> bool:
        """Extend the lease; False when the claim is lost, or busy with a transaction that will end it."""
        return session.execute(_renewing(), self._mine | {"lease": lease}).first() is not None

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
        outcome = {
            "next_state": "dead" if dead else "pending",
            "failed": failures,
            "reason": attempts.readable(error),
            # Drawn here: SQL would draw once for each column, and the relay would wait for the later one.
            "pause": longest * random(),  # noqa: S311  # no secret
        }
        given = session.execute(_giving_back(), self._mine | outcome).one_or_none()
        return None if given is None else str(given.state)

    def hand_over(self, session: Session) -> None:
        """Leave the delivery to a worker, at once, with no failure counted. A stale token changes nothing."""
        given = session.execute(_handing_over(), self._mine)
        ring_later(session, [Ring(row.consumer, row.queue, row.id, fresh=False) for row in given])

    @property
    def _mine(self) -> Json:
        return {"claimed": self.delivery.id, "held_token": self.token}


def claim(session: Session, delivery_id: int, *, consumer: str, lease: timedelta) -> Claim | None:
    """Take a consumer's due delivery for `lease`, or None: it is done, dead, not due, or somebody has it.

    Commit it before the work, so that a kill counts as an attempt. One that was killed as often as it may
    fail becomes dead instead.
    """
    wanted = {"claimed": delivery_id, "by_consumer": consumer, "lease": lease, "by_worker": attempts.worker()}
    row = session.execute(_taking(), wanted).one_or_none()
    if row is None:
        return None
    held = claim_of(row, others_wait=row.others_wait)
    return None if _killed_too_often(session, held) else held


def claim_of(row: Row[Any], *, others_wait: bool = False) -> Claim:
    """The claim that a row of `noted` is."""
    delivery = Delivery(**{name: getattr(row, name) for name in Delivery.__slots__})
    return Claim(delivery, row.token, others_wait)


def publish_claimed(session: Session, event: Event, *, consumer: str, lease: timedelta) -> Claim:
    """Publish an event, and take one of its deliveries: whoever publishes does the work at once.

    It is not rung; a crash before the work is done leaves it to the relay when the lease ends. Raises
    ClaimLost when this work is owed already.
    """
    fact, work = announced(session, event)
    own = {"claimer": consumer, "lease": lease, "by_worker": attempts.worker()}
    rings = {ring.consumer: ring for ring in rings_of(session, _publishing(), fact | work | own)}
    mine = rings.pop(consumer, None)
    if mine is None:
        raise ClaimLost(consumer)
    ring_later(session, list(rings.values()))
    told = {name: fact[name] for name in ("topic", "subject", "payload", "request_id", "trace_context")}
    delivery = Delivery(
        id=mine.delivery_id,
        event_id=fact["fact_id"],
        consumer=consumer,
        attempts=1,
        failures=0,
        waited=0.0,
        **told,
    )
    return Claim(delivery, FIRST_TOKEN)


def is_due() -> ColumnElement[bool]:
    """Whether a delivery waits for a worker: pending, or running past its lease."""
    abandoned = and_(DeliveryRecord.state == "running", DeliveryRecord.lease_until < func.now())
    return and_(DeliveryRecord.run_after <= func.now(), or_(DeliveryRecord.state == "pending", abandoned))


def _killed_too_often(session: Session, held: Claim) -> bool:
    rule = subscription(held.delivery.consumer)
    kills = held.delivery.attempts - 1 - held.delivery.failures
    if rule.max_attempts is None or kills < rule.max_attempts:
        return False
    held.give_back(session, error=f"killed {kills} times", base=SLOW, permanent=True)
    return True


_NEW = ("id", "consumer", "queue", "token", "attempts")
_D, _E = table_of(DeliveryRecord).c, table_of(EventRecord).c
_LEASE = func.now() + bindparam("lease", type_=Interval)


def _mine() -> tuple[ColumnElement[bool], ...]:
    return (_D.id == bindparam("claimed"), _D.token == bindparam("held_token"), _D.state == "running")


@cache
def _holding(*, skip_locked: bool = False) -> Select[int]:
    return locked(select(_D.id).where(*_mine()), skip_locked=skip_locked)


@cache
def _renewing() -> ReturningUpdate[int]:
    held = _D.id.in_(_holding(skip_locked=True))
    return update(table_of(DeliveryRecord)).where(held).values(lease_until=_LEASE).returning(_D.id)


@cache
def _finishing() -> Select[Any]:
    values = {"state": "done", "done_at": func.now(), "lease_until": None, "last_error": None}
    return ending(values, attempts.DONE)


@cache
def _giving_back() -> Select[Any]:
    next_try = func.now() + bindparam("pause", type_=Interval)
    values = {
        "state": bindparam("next_state"),
        "failures": bindparam("failed"),
        "last_error": bindparam("reason"),
        "lease_until": None,
        "run_after": next_try,
        "ring_after": next_try,
    }
    return ending(values, attempts.FAILED, bindparam("reason", type_=Text))


@cache
def _handing_over() -> Select[Any]:
    values = {
        "state": "pending",
        "lease_until": None,
        "run_after": func.now(),
        "ring_after": func.now() + FIRST_RING_GAP,
    }
    return ending(values, attempts.HANDED_OVER)


def ending(values: Json, outcome: str | None, error: BindParameter[str] | None = None) -> Select[Any]:
    """A statement that changes a held delivery and notes how its attempt ended; no row for a stale token."""
    changed = update(table_of(DeliveryRecord)).where(*_mine()).values(values)
    mine = changed.returning(_D.id, _D.token, _D.state, _D.consumer, _D.queue).cte("mine")
    return select(mine).add_cte(attempts.ended(mine, outcome, error))


@cache
def _taking() -> Select[Any]:
    named = (_D.id == bindparam("claimed"), _D.consumer == bindparam("by_consumer"))
    free = locked(select(_D.id).where(*named, is_due()), skip_locked=True)
    # Read again after the lock: the sub-select alone may have judged an older version of the row.
    taken = taken_by(_D.id.in_(free), is_due())
    return noted(taken, others_wait(taken).label("others_wait"))


def taken_by(*due: ColumnElement[bool]) -> CTE:
    """The part of a statement that claims such deliveries; executed with a `lease`."""
    values = {
        "state": "running",
        "attempts": _D.attempts + 1,
        "token": _D.token + 1,
        "lease_until": _LEASE,
        "ring_after": _LEASE,
        "run_after": case((_D.attempts >= ALARM_ATTEMPTS, func.now() + SLOW), else_=_D.run_after),
        "rings": 0,
    }
    waited = cast(func.extract("epoch", func.now() - _D.run_after), Float)
    details = (
        *(_D.id, _D.event_id, _D.consumer, _D.queue, _D.attempts, _D.failures, _D.token),
        *(_E.topic, _E.subject, _E.payload, _E.request_id, _E.trace_context),
        func.greatest(0.0, waited).label("waited"),
    )
    taking = update(table_of(DeliveryRecord)).where(*due, _E.id == _D.event_id).values(values)
    return taking.returning(*details).cte("taken")


def noted(taken: CTE, *further: ColumnElement[Any]) -> Select[Any]:
    """What was claimed, as `claim_of` reads it, with its attempts written down."""
    return select(taken, *further).add_cte(attempts.begun(taken), attempts.unanswered(taken))


@cache
def _publishing() -> Select[Any]:
    """States a fact, owes its work, and claims what is for `claimer`."""
    deliveries = table_of(DeliveryRecord)
    arrays = {"consumer": "consumers", "queue": "queues", "dedupe_key": "keys"}
    unnested = {name: func.unnest(bindparam(given, type_=ARRAY(Text))) for name, given in arrays.items()}
    work = select(*(each.label(name) for name, each in unnested.items())).subquery("work")
    mine = work.c.consumer == bindparam("claimer")
    values = {
        "event_id": bindparam("fact_id", type_=Uuid),
        **{name: work.c[name] for name in arrays},
        "state": case((mine, "running"), else_="pending"),
        "attempts": case((mine, 1), else_=0),
        "token": case((mine, FIRST_TOKEN), else_=0),
        "lease_until": case((mine, _LEASE)),
        "ring_after": case((mine, _LEASE), else_=func.now() + FIRST_RING_GAP),
    }
    owed = insert(deliveries).from_select(list(values), select(*values.values()))
    new = owed.on_conflict_do_nothing().returning(*(_D[name] for name in _NEW)).cte("new")
    taken = select(new).where(new.c.consumer == bindparam("claimer")).cte("taken")
    rings = select(new.c.consumer, new.c.queue, new.c.id)
    return rings.add_cte(stated(), attempts.begun(taken))
