"""Files that are written while they are sent, to whoever may have them and to nobody else."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from flask import Response

from app.media.errors import ObjectMissing, StorageAway
from app.platform.errors import NotFound, Unavailable

Piece = TypeVar("Piece", str, bytes)

CSV_TYPE, ANY_TYPE = "text/csv", "application/octet-stream"
TEXT, BINARY = {"type": "string"}, {"type": "string", "format": "binary"}


def download(
    pieces: Iterator[Piece], *, name: str, content_type: str, byte_size: int | None = None
) -> Response:
    """A file to keep, in pieces: no browser shows it as a page, no cache keeps it.

    The first piece is read at once, so that what cannot be had is told as a problem: raises NotFound, and
    Unavailable when the storage does not answer. Of a file whose `byte_size` is known, one that stops short
    does not look complete.
    """
    try:
        first = list(islice(pieces, 1))
    except ObjectMissing as error:
        raise NotFound("The file is gone. Begin another export.") from error
    except StorageAway as error:
        raise Unavailable("Files cannot be read now. Repeat the request in a moment.") from error
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    if byte_size is not None:
        headers["Content-Length"] = str(byte_size)
    return Response(_joined(first, pieces), headers=headers, mimetype=content_type)


def _joined(first: Iterable[Piece], others: Iterable[Piece]) -> Iterator[Piece]:
    yield from first
    yield from others
