"""Numbers without gaps: the last one is a row, and who takes the next holds it until their commit."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.invoicing.models import DocumentNumber
from app.platform.db import now
from app.platform.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class Taken:
    """A number, and when it was given: never before the number below it was."""

    year: int
    sequence: int
    issued_at: datetime

    def written(self, prefix: str) -> str:
        """The number as it stands on the document: INV-2026-000001."""
        return f"{prefix}-{self.year}-{self.sequence:06d}"


def take(session: Session, kind: str, *, calendar: WorkingDays) -> Taken:
    """The next number of a kind in the year that the shop's calendar has.

    Locks the numbers of that kind and year until the transaction ends: take it last, and use it there, for a
    rollback gives it back.
    """
    moment = now(session)
    year = calendar.local(moment).year
    first = insert(DocumentNumber).values(kind=kind, year=year, last=1, given_at=moment)
    following = first.on_conflict_do_update(
        index_elements=["kind", "year"],
        set_={
            "last": DocumentNumber.last + 1,
            "given_at": func.greatest(DocumentNumber.given_at, first.excluded.given_at),
        },
    )
    row = session.execute(following.returning(DocumentNumber.last, DocumentNumber.given_at)).one()
    return Taken(year, row.last, row.given_at)
