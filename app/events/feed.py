"""The log of events as one line that everybody reads in the same order, and that nothing is put into later.

Sequences are drawn before the commit, and so is the order of their rows no order of their commits. A fact
has its place by its transaction, and is read when no older transaction runs any more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Row, Select, Text, bindparam, cast, func, select, true, tuple_
from sqlalchemy.orm import Session

from app.events.models import EventRecord, TransactionId
from app.platform.db import Json, table_of

Statement = Select[*tuple[Any, ...]]

LARGEST_XID, LARGEST_SEQUENCE = 2**64 - 1, 2**63 - 1


class Position(NamedTuple):
    """A place in the line: everything up to it has been read. Later is greater."""

    xid: int
    sequence: int

    def __str__(self) -> str:
        """What `read()` takes."""
        return f"{self.xid}-{self.sequence}"

    @classmethod
    def read(cls, words: str) -> Self:
        """The position in a text. Raises ValueError."""
        numbers = words.split("-")
        if len(numbers) != 2 or not all(each.isascii() and each.isdecimal() for each in numbers):
            raise ValueError("a position is two numbers with a hyphen")
        xid, sequence = int(numbers[0][:21]), int(numbers[1][:20])
        if xid > LARGEST_XID or sequence > LARGEST_SEQUENCE:
            raise ValueError("there are no numbers of that size")
        return cls(xid, sequence)


START = Position(0, 0)


@dataclass(frozen=True, slots=True)
class Told:
    """One fact of the log, and its place."""

    position: Position
    at: datetime
    topic: str
    subject: str
    payload: Json
    request_id: str | None
    actor: str | None
    id: UUID


@dataclass(frozen=True, slots=True)
class Batch:
    """The next facts, and how far that reaches; `is_last` when there is nothing behind them yet."""

    facts: Sequence[Told]
    reached: Position
    is_last: bool


def end(session: Session) -> Position:
    """Where the line ends now: what is told from here on lies behind it."""
    return Position(int(session.execute(_END).scalar_one()), 0)


def after(session: Session, position: Position, *, limit: int) -> Batch:
    """The next facts of the whole log."""
    return _batch(session, _AFTER, limit, position)


def about(
    session: Session,
    subjects: Statement,
    *,
    position: Position,
    limit: int,
    topics: Collection[str] | None = None,
) -> Batch:
    """The next facts about these subjects, of these topics or of all."""
    wanted = _behind().where(_EVENTS.subject.in_(subjects))
    if topics is not None:
        wanted = wanted.where(_EVENTS.topic.in_(topics))
    return _batch(session, _with_horizon(wanted), limit, position)


def _batch(session: Session, statement: Statement, limit: int, position: Position) -> Batch:
    asked = {"most": limit, "after_xid": str(position.xid), "after_sequence": position.sequence}
    rows = session.execute(statement, asked).all()
    facts = [_told(row) for row in rows if row.sequence is not None]
    is_last = len(facts) < limit
    reached = Position(int(rows[0].horizon), 0) if is_last else facts[-1].position
    return Batch(facts, max(reached, position), is_last)


def _told(row: Row[Any]) -> Told:
    place = Position(int(row.xid), row.sequence)
    return Told(
        place, row.occurred_at, row.topic, row.subject, row.payload, row.request_id, row.actor, row.id
    )


_EVENTS = table_of(EventRecord).c
_HORIZON = func.pg_snapshot_xmin(func.pg_current_snapshot(), type_=TransactionId())
"""Every transaction before it has ended; each statement sees it where its own snapshot has it."""
_END = select(_HORIZON)


def _behind() -> Statement:
    place = tuple_(_EVENTS.xid, _EVENTS.sequence)
    given = cast(bindparam("after_xid", type_=Text), TransactionId())
    columns = ("xid", "sequence", "occurred_at", "topic", "subject", "payload", "request_id", "actor", "id")
    return (
        select(*(_EVENTS[name] for name in columns))
        .where(place > tuple_(given, bindparam("after_sequence", type_=BigInteger)), _EVENTS.xid < _HORIZON)
        .order_by(_EVENTS.xid, _EVENTS.sequence)
        .limit(bindparam("most", type_=Integer))
    )


def _with_horizon(behind: Statement) -> Statement:
    """The same rows with the horizon, which comes by itself when there are none."""
    horizon, told = _END.subquery("settled"), behind.subquery("told")
    return (
        select(horizon.c[0].label("horizon"), told)
        .select_from(horizon.outerjoin(told, true()))
        .order_by(told.c.xid, told.c.sequence)
    )


_AFTER = _with_horizon(_behind())
