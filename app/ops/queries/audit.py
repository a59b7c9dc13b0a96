"""What operators have done."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.ops.models import AuditEntry
from app.platform.pagination import Page, paged


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries to list; all that is given has to fit."""

    actor: str | None = None
    call: str | None = None
    thing: str | None = None
    thing_id: str | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def listed(session: Session, wanted: Wanted, *, before: int | None, limit: int) -> Page[AuditEntry]:
    """Entries, newest first; `before` an entry's id."""
    statement = select(AuditEntry).where(*_conditions(wanted)).order_by(AuditEntry.id.desc())
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    rows = session.scalars(statement.limit(limit + 1)).all()
    return paged(rows, limit, lambda entry: [entry.id])


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    same = ("actor", "call", "thing", "thing_id", "request_id")
    given = {name: value for name in same if (value := getattr(wanted, name)) is not None}
    conditions = [getattr(AuditEntry, name) == value for name, value in given.items()]
    conditions += [AuditEntry.at >= wanted.since] if wanted.since else []
    conditions += [AuditEntry.at < wanted.until] if wanted.until else []
    return conditions
