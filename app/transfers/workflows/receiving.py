"""Taking a file of rows: its import is committed, then the file stored, then that is committed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session

from app.media.errors import StorageAway
from app.media.gateway.protocol import Storage
from app.platform.db import transaction
from app.platform.errors import Unavailable
from app.platform.logging import get_logger
from app.transfers.services import imports
from app.transfers.services.inspecting import inspect
from app.transfers.services.keys import PRIVATE, source_key

if TYPE_CHECKING:  # for the hint
    from app.transfers.models import CatalogImport

log = get_logger("app.transfers")
Noting = Callable[[Session, UUID], None]


def receive(
    file: BinaryIO,
    *,
    dry_run: bool,
    actor: str,
    seller_id: UUID | None,
    storage: Storage,
    note: Noting | None = None,
) -> "CatalogImport":
    """Keep a file, and have a worker do what its rows say. Each call is an import of its own.

    `note` is called with its id in the transaction that owes the work; when it raises there is none. That,
    and a crash in between, leave an import that nobody sees, and that is cleaned up after a day. Raises
    Invalid for a file that is no table of ours, and Unavailable when files cannot be stored now.
    """
    sheet = inspect(file)
    with transaction() as session:
        import_id = imports.expect(session, sheet, dry_run=dry_run, actor=actor, seller_id=seller_id)
    try:
        storage.put_file(source_key(import_id), file, headers=PRIVATE)
    except StorageAway as error:
        log.warning("file_not_stored", reason=str(error))
        raise Unavailable("Files cannot be stored now. Repeat the request in a moment.") from error
    with transaction() as session:
        if note:
            note(session, import_id)
        return imports.begin(session, import_id)
