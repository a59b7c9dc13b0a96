"""Cells that spreadsheets take for what they are: text, and never a formula."""

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""What a spreadsheet may run, behind any number of the marks that stop it."""


def harmless(text: str) -> str:
    """The text, with `'` before what could be run. `plain` gives it back as it was."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def plain(cell: str) -> str:
    """What `harmless` was given; a cell that it would not have changed is itself."""
    return cell[1:] if cell.startswith("'") and _DANGEROUS.match(cell) else cell
