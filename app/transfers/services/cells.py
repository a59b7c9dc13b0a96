"""Tables of cells that spreadsheets take for what they are: text, and never a formula."""

import csv
import re
from collections.abc import Iterable
from datetime import datetime
from io import StringIO
from typing import Any

import orjson

_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""What a spreadsheet may run, behind any number of the marks that stop it."""


def table(rows: Iterable[Iterable[Any]]) -> str:
    """Rows as CSV (RFC 4180), in which nothing is a formula. None is an empty cell, an object is JSON."""
    text = StringIO()
    csv.writer(text).writerows([harmless(_written(value)) for value in row] for row in rows)
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


def plain(cell: str) -> str:
    """What `harmless` was given; a cell that it would not have changed is itself."""
    return cell[1:] if cell.startswith("'") and _DANGEROUS.match(cell) else cell
