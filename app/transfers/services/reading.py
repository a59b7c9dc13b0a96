"""Reading the rows of a piece of a file, as many as one step does."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import orjson

from app.catalog.services.importing import COLUMNS, RawRow
from app.transfers.services.cells import plain
from app.transfers.states import JSON_LINES

STEP = 500
"""How many rows one transaction does."""
PIECE = 512 * 1024
"""How much of a file is read for them: no row may be longer."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file the next row begins, and how the file is to be read."""

    format: str
    delimiter: str | None
    columns: Sequence[str]
    rows: int
    lines: int


@dataclass(slots=True)
class Batch:
    """The rows of one step, and how far into the piece they reach. `stuck`: not even one row fits into it."""

    rows: list[RawRow] = field(default_factory=list)
    size: int = 0
    lines: int = 0
    stuck: bool = False


@dataclass(slots=True)
class _Lines:
    """The lines of a piece from one on, as a reader asks for them."""

    lines: Sequence[bytes]
    at: int
    ran_out: bool = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at >= len(self.lines):
            self.ran_out = True
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1].decode()


def take(piece: bytes, place: Place, *, at_end: bool) -> Batch:
    """The next rows of a piece of a file; `at_end` it is the last one. What cannot be read is a row, too.

    The same piece gives the same rows. A row that goes on after the piece is left to the next one.
    """
    lines = BytesIO(piece).readlines()
    if lines and not at_end and not lines[-1].endswith(b"\n"):
        lines.pop()
    if not lines and piece:
        return Batch(stuck=True)
    found = _objects(lines) if place.format == JSON_LINES else _records(lines, place, at_end=at_end)
    batch = Batch()
    for first, after, values, problem in found:
        if values is not None or problem is not None:
            number = place.rows + len(batch.rows) + 1
            batch.rows.append(RawRow(number, place.lines + first + 1, values or {}, problem))
        batch.lines = after
        if len(batch.rows) == STEP:
            break
    batch.size = sum(map(len, lines[: batch.lines]))
    return batch


_Found = tuple[int, int, Mapping[str, Any] | None, str | None]
"""The line that something begins in, the one after it, its values and its problem; neither of a blank one."""


def _objects(lines: Sequence[bytes]) -> Iterator[_Found]:
    for number, line in enumerate(lines):
        values, problem = None, None
        if line.strip():
            try:
                values = orjson.loads(line)
            except orjson.JSONDecodeError:
                problem = "The line is no JSON."
            if problem is None and not isinstance(values, dict):
                values, problem = None, "The line must be a JSON object."
        yield number, number + 1, values, problem


def _records(lines: Sequence[bytes], place: Place, *, at_end: bool) -> Iterator[_Found]:
    at = 0
    while at < len(lines):
        feed = _Lines(lines, at)
        reader = csv.reader(feed, delimiter=place.delimiter or ",", strict=True)
        try:
            for cells in reader:
                values, problem = _row(cells, place.columns)
                yield at, feed.at, values, problem
                at = feed.at
        except csv.Error as error:
            if feed.ran_out and not at_end and at:
                return  # it goes on in the next piece
            # Read on with the next line: one row that is wrong costs no other.
            yield at, at + 1, None, f"The row cannot be read: {error}."
            at += 1


def _row(cells: Sequence[str], columns: Sequence[str]) -> tuple[Mapping[str, Any] | None, str | None]:
    if not cells:
        return None, None
    if len(cells) != len(columns):
        return None, f"The row has {len(cells)} cells, and the header {len(columns)}."
    return dict(_given(cells, columns)), None


def _given(cells: Sequence[str], columns: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """The values of a row: an empty cell says nothing, unless it takes the value away."""
    for name, cell in zip(columns, cells, strict=True):
        if cell.strip():
            yield name, plain(cell)
        elif COLUMNS[name].blank_takes_away:
            yield name, None
