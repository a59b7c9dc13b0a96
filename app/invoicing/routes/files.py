"""Handing out the files of documents."""

from flask import Response, current_app

from app.invoicing.errors import DocumentNotReady
from app.invoicing.models import Document
from app.invoicing.services.keys import PDF, file_key
from app.media.errors import ObjectMissing, StorageAway
from app.media.gateway.select import storage_of
from app.platform.errors import Unavailable
from app.platform.logging import get_logger

log = get_logger("app.invoicing")

BINARY = {"type": "string", "format": "binary"}


def file_of(document: Document) -> Response:
    """The PDF as a download that no cache keeps. Raises DocumentNotReady and Unavailable."""
    if document.sha256 is None:
        raise DocumentNotReady("The document is being written. Ask again in a moment.")
    try:
        content = storage_of(current_app).get(file_key(document.id, document.sha256))
    except ObjectMissing as error:
        log.error("document_missing", document_id=str(document.id))  # noqa: TRY400  # the trace says no more
        raise Unavailable("The file cannot be found now. The shop can make it anew.") from error
    except StorageAway as error:
        raise Unavailable("Files cannot be read now. Repeat the request in a moment.") from error
    headers = {
        "Content-Disposition": f'attachment; filename="{document.number}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(content, headers=headers, mimetype=PDF)
