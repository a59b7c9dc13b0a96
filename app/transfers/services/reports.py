"""What is told of the rows that were refused, as a table for spreadsheets."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import TYPE_CHECKING
from uuid import UUID

from app.platform.db import transaction
from app.transfers import queries
from app.transfers.services.cells import harmless

if TYPE_CHECKING:  # for the hint
    from app.transfers.models import ImportRefusal

COLUMNS = ("row", "line", "sku", "column", "problem", "value")
AT_ONCE = 1_000
"""How many lines are in memory."""


def report(import_id: UUID) -> Iterator[str]:
    """The report in pieces, each read when the one before it has gone out."""
    yield table([COLUMNS])
    after = 0
    while True:
        with transaction() as session:
            found = queries.refusals(session, import_id, after=after, limit=AT_ONCE)
        if not found:
            return
        yield table(map(_line, found))
        after = found[-1].place


def _line(refusal: "ImportRefusal") -> list[str]:
    return [str(getattr(refusal, name) or "") for name in COLUMNS]


def table(rows: Iterable[Iterable[str]]) -> str:
    """Rows as CSV (RFC 4180), in which nothing is a formula."""
    text = StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()
