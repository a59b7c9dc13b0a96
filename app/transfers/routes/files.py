"""Files that are written while they are sent, to whoever may have them and to nobody else."""

from collections.abc import Iterable

from flask import Response

CSV_TYPE, ANY_TYPE = "text/csv", "application/octet-stream"
TEXT, BINARY = {"type": "string"}, {"type": "string", "format": "binary"}


def download(pieces: Iterable[str] | Iterable[bytes], *, name: str, content_type: str) -> Response:
    """A file to keep, in pieces: no browser shows it as a page, no cache keeps it."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return Response(pieces, headers=headers, mimetype=content_type)
