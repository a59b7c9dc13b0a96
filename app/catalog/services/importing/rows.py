"""Rows as they came, and what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.catalog.services.importing.columns import COLUMNS
from app.catalog.services.importing.values import LONGEST_SHOWN, Unreadable

MOST_UNKNOWN = 20
"""So many columns that there are not, a row is told of."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing came of a row: what to change, in which column if it is about one, and what stood there."""

    row: int
    line: int
    sku: str | None
    column: str | None
    problem: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row by its number, from 1, and the line of the file in which it begins.

    `values` by column; None takes a value away. A `problem` says why the row could not even be read.
    """

    row: int
    line: int
    values: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None

    def refused(self, problem: str, column: str | None = None) -> Refusal:
        """What is told about this row."""
        value = None if column is None else shown(self.values.get(column))
        return Refusal(self.row, self.line, shown(self.values.get("sku")), shown(column), problem, value)


def shown(value: Any) -> str | None:
    """The beginning of a value, as something that can be stored and told."""
    if value is None:
        return None
    text = value if isinstance(value, str) else _json(value)
    return text[:LONGEST_SHOWN].replace("\x00", "").encode(errors="replace").decode()


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        return "nested too deeply"


def read(row: RawRow) -> tuple[dict[str, Any], list[Refusal]]:
    """The values of a row's columns, and all that is wrong with any of them."""
    if row.problem is not None:
        return {}, [row.refused(row.problem)]
    values: dict[str, Any] = {}
    unknown = sorted(row.values.keys() - COLUMNS.keys())[:MOST_UNKNOWN]
    refusals = [row.refused("There is no such column.", name) for name in unknown]
    for name, column in COLUMNS.items():
        if name in row.values:
            given = row.values[name]
            try:
                values[name] = column.none if given is None and not column.needed else column.parse(given)
            except Unreadable as unreadable:
                refusals.append(row.refused(str(unreadable), name))
    if "sku" not in row.values:
        refusals.append(row.refused("Every row needs a SKU.", "sku"))
    return values, refusals
