"""Telling what is wrong with the rows of an import, while it is sent."""

from collections.abc import Iterator
from uuid import UUID

from app.platform.db import transaction
from app.transfers import queries
from app.transfers.services.cells import table
from app.transfers.services.reports import COLUMNS, report

AT_ONCE = 1_000
"""How many lines are in memory."""


def whole_report(import_id: UUID) -> Iterator[str]:
    """The report in pieces, each read when the one before it has gone out."""
    yield table([COLUMNS])
    after = 0
    while True:
        with transaction() as session:
            found = queries.refusals(session, import_id, after=after, limit=AT_ONCE)
        if not found:
            return
        yield report(found)
        after = found[-1].place
