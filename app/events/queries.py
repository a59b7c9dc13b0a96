"""Reading the log of events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events.models import EventRecord
from app.platform.db import Json


@dataclass(frozen=True, slots=True)
class Fact:
    """One event as it happened to a subject."""

    sequence: int
    at: datetime
    topic: str
    payload: Json


def timeline(session: Session, subject: str, *, after: int | None, limit: int) -> Sequence[Fact]:
    """The events about a subject in their order, from beyond sequence `after`, `limit` at most."""
    statement = (
        select(EventRecord.sequence, EventRecord.occurred_at, EventRecord.topic, EventRecord.payload)
        .where(EventRecord.subject == subject, EventRecord.sequence > (after or 0))
        .order_by(EventRecord.sequence)
        .limit(limit)
    )
    return [Fact(*row) for row in session.execute(statement)]
