"""Taking a file at the counter: its row is committed, then the file stored, then that is committed."""

from typing import TYPE_CHECKING

from app.media.errors import StorageAway
from app.media.gateway.protocol import Storage
from app.media.services.keys import original_key
from app.media.services.serving import of_original
from app.media.states import EXPECTED
from app.platform.errors import Unavailable
from app.platform.logging import get_logger

if TYPE_CHECKING:  # for the hint
    from app.media.models import Upload

log = get_logger("app.media")


def store(upload: "Upload", content: bytes, *, storage: Storage) -> None:
    """Put the file of an expected upload into the storage; of one that has been stored, nothing is done.

    It stands between two transactions: `uploads.expect()` before, `uploads.record_stored()` after. A crash in
    between leaves a row that the same call takes up again, and that is cleaned up after a day otherwise.
    Raises Unavailable when the storage does not answer.
    """
    if upload.status != EXPECTED:
        return
    try:
        headers = of_original(upload.id, upload.content_type)
        storage.put(original_key(upload.id), content, headers=headers)
    except StorageAway as error:
        log.warning("file_not_stored", reason=str(error))
        raise Unavailable("Files cannot be stored now. Repeat the request in a moment.") from error
