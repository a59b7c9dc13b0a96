"""What is told of the rows that were refused, as a table for spreadsheets."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.transfers.services.cells import table_to_look_at

if TYPE_CHECKING:  # for the hint
    from app.transfers.models import ImportRefusal

COLUMNS = ("row", "line", "sku", "column", "problem", "value")


def report(refusals: Iterable["ImportRefusal"]) -> str:
    """Some lines of the report."""
    return table_to_look_at(map(_line, refusals))


def _line(refusal: "ImportRefusal") -> list[str]:
    return [str(getattr(refusal, name) or "") for name in COLUMNS]
