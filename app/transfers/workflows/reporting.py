"""Telling what is wrong with the rows of an import, while it is sent."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from app.platform.db import transaction
from app.transfers import queries
from app.transfers.services.cells import table_to_look_at
from app.transfers.services.reports import COLUMNS, report

if TYPE_CHECKING:  # for the hint
    from app.transfers.models import ImportRefusal

AT_ONCE = 1_000
"""How many lines are in memory."""


def whole_report(import_id: UUID) -> Iterator[str]:
    """The report in pieces, each read when the one before it has gone out; the header goes with the first."""
    header, after = table_to_look_at([COLUMNS]), 0
    while found := _refusals(import_id, after):
        yield header + report(found)
        header, after = "", found[-1].place
    if header:
        yield header


def _refusals(import_id: UUID, after: int) -> Sequence["ImportRefusal"]:
    with transaction() as session:
        return queries.refusals(session, import_id, after=after, limit=AT_ONCE)
