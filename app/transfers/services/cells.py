"""Tables of cells that spreadsheets take for what they are: text, and never a formula."""

import csv
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from io import StringIO
from typing import Any

import orjson

Rows = Iterable[Iterable[Any]]

_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""What a spreadsheet may run, behind any number of the marks that stop it."""
_DANGEROUS_INSIDE = re.compile(r"""(?<=[;|\t\r\n])(?=[\s"]*[=+\-@＝＋－＠])""")
"""Where what may be run begins for who separates cells otherwise: our quotes keep nothing together then."""


def table(rows: Rows) -> str:
    """Rows as CSV (RFC 4180), in which nothing is a formula. None is an empty cell, an object is JSON."""
    return _table(rows, harmless)


def table_to_look_at(rows: Rows) -> str:
    """The same for what is never read back: nothing is a formula, whatever is taken for a separator."""
    return _table(rows, inert)


def _table(rows: Rows, stop: Callable[[str], str]) -> str:
    text = StringIO()
    csv.writer(text).writerows([stop(_written(value)) for value in row] for row in rows)
    return text.getvalue()


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)


def harmless(text: str) -> str:
    """The text, with `'` before what could be run. `plain` gives it back as it was."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def inert(text: str) -> str:
    """The text, with `'` also before what could be run if it were several cells; `plain` is no way back."""
    return _DANGEROUS_INSIDE.sub("'", harmless(text))


def plain(cell: str) -> str:
    """What `harmless` was given; a cell that it would not have changed is itself."""
    return cell[1:] if cell.startswith("'") and _DANGEROUS.match(cell) else cell
