"""Imports: taken, done a step at a time, ended. Nothing here commits."""

from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.catalog.services.importing import Outcome, import_rows
from app.events.services import publish
from app.platform.db import locked, now, table_of
from app.platform.errors import NotFound
from app.platform.ids import new_id
from app.transfers.errors import TransferOver
from app.transfers.events import ImportContinued, ImportEnded
from app.transfers.models import CatalogImport, ImportRefusal
from app.transfers.services.inspecting import Sheet
from app.transfers.services.reading import PIECE, Batch
from app.transfers.states import CANCELLED, DONE, EXPECTED, FAILED, RUNNING, UNDER_WAY, WAITING

TOO_LONG = f"A line is longer than {PIECE // 1024} kB: nothing from there on can be read."


def expect(session: Session, sheet: Sheet, *, dry_run: bool, actor: str, seller_id: UUID | None) -> UUID:
    """The id of an import before its file is stored; `actor` is whose it is in the books."""
    job = CatalogImport(
        id=new_id(),
        format=sheet.format,
        dry_run=dry_run,
        actor=actor,
        seller_id=seller_id,
        byte_size=sheet.byte_size,
        delimiter=sheet.delimiter,
        columns=list(sheet.columns),
        bytes_read=sheet.begins_at,
        lines_read=sheet.lines,
    )
    session.add(job)
    session.flush()
    return job.id


def begin(session: Session, import_id: UUID) -> CatalogImport:
    """Note that the file is stored, and owe the first step. Repeating changes nothing."""
    job = _lock(session, import_id)
    if job.status == EXPECTED:
        job.status = WAITING
        publish(session, ImportContinued(import_id, step=0))
    session.flush()
    return job


def cancel(session: Session, import_id: UUID) -> CatalogImport:
    """Do no further step: what was done stays. Waits for one that is being done. Repeating is harmless.

    Raises NotFound, and TransferOver for an import that has ended otherwise.
    """
    job = _lock(session, import_id)
    if job.status == EXPECTED:
        raise NotFound("There is no such import.")
    if job.status in (DONE, FAILED):
        raise TransferOver(f"The import is {job.status}: nothing is left of it.", import_status=job.status)
    if job.status != CANCELLED:
        _end(session, job, CANCELLED)
    return job


def do_step(session: Session, import_id: UUID, batch: Batch, *, step: int, currency: str) -> None:
    """Do what the rows of a step say, note where the next one begins, and owe it; or end the import.

    Nothing happens for a step that was done, nor after the end. Locks the import, then as `import_rows`.
    """
    job = _lock(session, import_id)
    if job.status not in UNDER_WAY or job.steps != step:
        return
    if batch.stuck:
        _end(session, job, FAILED, problem=TOO_LONG)
        return
    outcome = import_rows(
        session,
        batch.rows,
        currency=currency,
        seller_id=job.seller_id,
        reference=f"{import_id}:{step}",
        note=f"Import {import_id}",
        write=not job.dry_run,
    )
    _keep_refusals(session, job, outcome)
    _advance(session, job, batch, outcome)


def fail(session: Session, import_id: UUID, *, problem: str) -> None:
    """End an import of which nothing more can be read. Nothing happens after the end."""
    job = _lock(session, import_id)
    if job.status in UNDER_WAY:
        _end(session, job, FAILED, problem=problem)


def _advance(session: Session, job: CatalogImport, batch: Batch, outcome: Outcome) -> None:
    if job.status == WAITING:
        job.status, job.started_at = RUNNING, now(session)
    refused = len({refusal.row for refusal in outcome.refusals})
    job.steps += 1
    job.bytes_read += batch.size
    job.lines_read += batch.lines
    job.rows_read += len(batch.rows)
    job.rows_created += outcome.created
    job.rows_changed += outcome.changed
    job.rows_unchanged += outcome.unchanged
    job.rows_refused += refused
    if job.bytes_read == job.byte_size:
        _end(session, job, DONE)
    else:
        publish(session, ImportContinued(job.id, step=job.steps))


def _keep_refusals(session: Session, job: CatalogImport, outcome: Outcome) -> None:
    """Places go on from the last one: the row of the import is locked."""
    last = select(func.coalesce(func.max(ImportRefusal.place), 0)).where(ImportRefusal.import_id == job.id)
    first = session.scalars(last).one() + 1 if outcome.refusals else 0
    kept = [
        {name: getattr(each, name) for name in ("row", "line", "sku", "column", "problem", "value")}
        | {"import_id": job.id, "place": place}
        for place, each in enumerate(sorted(outcome.refusals, key=lambda each: each.row), first)
    ]
    if kept:
        session.execute(insert(table_of(ImportRefusal)), kept)


def _end(session: Session, job: CatalogImport, status: str, *, problem: str | None = None) -> None:
    moment = now(session)
    job.status, job.finished_at, job.problem = status, moment, problem
    publish(session, ImportEnded(job.id, status))


def _lock(session: Session, import_id: UUID) -> CatalogImport:
    wanted = select(CatalogImport).where(CatalogImport.id == import_id)
    job = session.scalars(locked(wanted)).one_or_none()
    if job is None:
        raise NotFound("There is no such import; they are kept for a while after their end.")
    return job
