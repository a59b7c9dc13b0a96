"""Looking at a file at the counter: what can be known of it before any of its rows is read."""

import codecs
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from app.catalog.services.importing import COLUMNS
from app.platform.errors import Invalid
from app.transfers.states import CSV, JSON_LINES

PIECE = 65_536
LONGEST_HEADER = 16_384
DELIMITERS = (",", ";", "\t")
NO_UTF8 = "The file is not UTF-8. Save it as CSV UTF-8, and send that."


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file is: its rows begin at byte `begins_at`, after so many lines. JSON lines have no columns."""

    format: str
    byte_size: int
    begins_at: int
    lines: int
    delimiter: str | None
    columns: Sequence[str]


def inspect(file: BinaryIO) -> Sheet:
    """Read a file to its end, piece by piece, and stand at its beginning again. Raises Invalid.

    It must be UTF-8, with a byte order mark or without. One that begins with `{` is JSON lines; any other
    begins with a header, and is delimited by whatever delimits that.
    """
    byte_size = _measure(file)
    start = file.read(LONGEST_HEADER)
    file.seek(0)
    mark = len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0
    if start[mark:].lstrip()[:1] == b"{":
        return Sheet(JSON_LINES, byte_size, mark, 0, None, [])
    header, newline, _ = start.partition(b"\n")
    if not newline and len(start) == LONGEST_HEADER:
        raise _refused("The first line must be the header: the names of the columns.")
    delimiter, columns = _columns(header[mark:].decode(errors="replace").rstrip("\r"))
    return Sheet(CSV, byte_size, len(header) + len(newline), 1, delimiter, columns)


def _measure(file: BinaryIO) -> int:
    decoder, byte_size = codecs.getincrementaldecoder("utf-8")(), 0
    file.seek(0)
    while piece := file.read(PIECE):
        byte_size += len(piece)
        # Of UTF-16 without a mark, half may be NUL and all of it UTF-8.
        if b"\x00" in piece or not _is_utf8(decoder, piece):
            raise _refused(NO_UTF8)
    if not byte_size:
        raise _refused("The file is empty.")
    if not _is_utf8(decoder, b"", final=True):
        raise _refused(NO_UTF8)
    file.seek(0)
    return byte_size


def _is_utf8(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final=final)
    except UnicodeDecodeError:
        return False
    return True


def _columns(header: str) -> tuple[str, list[str]]:
    read = {delimiter: _cells(header, delimiter) for delimiter in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda each: len(read[each]))
    columns = read[delimiter]
    if unknown := [name for name in columns if name not in COLUMNS]:
        raise _refused(f"There is no column {unknown[0][:64]!r}. There are {', '.join(COLUMNS)}.")
    if len(set(columns)) < len(columns):
        raise _refused("A column stands twice in the header.")
    if "sku" not in columns:
        raise _refused("The header has no column sku, which every row needs.")
    return delimiter, columns


def _cells(header: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip().lower() for cell in next(csv.reader([header], delimiter=delimiter), [])]
    except csv.Error as error:
        raise _refused("The header cannot be read.") from error


def _refused(problem: str) -> Invalid:
    return Invalid("The file cannot be taken.", errors={"file": [problem]})
