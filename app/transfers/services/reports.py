"""What is told of the rows that were refused, as a table for spreadsheets."""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import TYPE_CHECKING

from app.transfers.services.cells import harmless

if TYPE_CHECKING:  # for the hint
    from app.transfers.models import ImportRefusal

COLUMNS = ("row", "line", "sku", "column", "problem", "value")


def report(refusals: Iterable["ImportRefusal"]) -> str:
    """Some lines of the report."""
    return table(map(_line, refusals))


def _line(refusal: "ImportRefusal") -> list[str]:
    return [str(getattr(refusal, name) or "") for name in COLUMNS]


def table(rows: Iterable[Iterable[str]]) -> str:
    """Rows as CSV (RFC 4180), in which nothing is a formula."""
    text = StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()
