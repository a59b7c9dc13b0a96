"""One step of an import: its rows are read between two transactions, and done in the second one."""

from typing import TYPE_CHECKING
from uuid import UUID

from app.events.claims import Claim
from app.media.errors import ObjectMissing
from app.media.gateway.protocol import Storage
from app.platform import context
from app.platform.db import transaction
from app.transfers import queries
from app.transfers.services import imports
from app.transfers.services.keys import source_key
from app.transfers.services.reading import PIECE, Batch, Place, take

if TYPE_CHECKING:  # for the hint
    from app.transfers.models import CatalogImport

CALL = "POST /v1/admin/imports"
"""What the audit log says of where the changes come from."""


def import_step(claim: Claim, *, import_id: UUID, step: int, storage: Storage, currency: str) -> None:
    """Do the next rows of an import, and owe those after them, in one transaction.

    Whoever is killed has done all of it or nothing; the same step is never done twice.
    """
    with transaction() as session:
        claim.check(session)
        job = queries.due_step(session, import_id, step)
        if job is None:
            claim.finish(session)
            return
    batch = _read(job, storage)
    _act_for(job.actor)
    with transaction() as session:
        claim.check(session)
        if batch is None:
            imports.fail(session, import_id, problem="The file is gone.")
        else:
            imports.do_step(session, import_id, batch, step=step, currency=currency)
        claim.finish(session)


def _read(job: "CatalogImport", storage: Storage) -> Batch | None:
    length = min(PIECE, job.byte_size - job.bytes_read)
    place = Place(job.format, job.delimiter, job.columns, job.rows_read, job.lines_read)
    try:
        piece = storage.read(source_key(job.id), start=job.bytes_read, length=length) if length else b""
    except ObjectMissing:
        return None
    return take(piece, place, at_end=job.bytes_read + length == job.byte_size)


def _act_for(actor: str) -> None:
    """Have the books name who sent the file, and not the worker that reads it."""
    context.add(actor=actor, call=CALL)
    if actor.startswith("user:"):
        context.add(operator=actor)
