"""Exports: asked for, written a part at a time, done. Nothing here commits."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog.services.importing import COLUMNS
from app.events.services import publish
from app.platform.db import locked, now
from app.platform.ids import new_id
from app.transfers.events import ExportContinued
from app.transfers.models import CatalogExport
from app.transfers.services.cells import table
from app.transfers.services.keys import part_name
from app.transfers.states import DONE, JSON_LINES, RUNNING

STEP = 1_000
"""How many variants one part has."""
Rows = Sequence[Mapping[Any, Any]]


def begin(session: Session, *, file_format: str, actor: str) -> CatalogExport:
    """Have a worker write all variants into a file."""
    job = CatalogExport(id=new_id(), format=file_format, actor=actor)
    session.add(job)
    session.flush()
    publish(session, ExportContinued(job.id, step=0))
    session.refresh(job)
    return job


def written(rows: Rows, *, file_format: str, is_first: bool) -> bytes:
    """A part of the file: these rows, in the first part of a CSV below the header."""
    if file_format == JSON_LINES:
        objects = ({name: row[name] for name in COLUMNS} for row in rows)
        return b"".join(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in objects)
    header = [list(COLUMNS)] if is_first else []
    return table([*header, *([row[name] for name in COLUMNS] for row in rows)]).encode()


def add_part(session: Session, export_id: UUID, rows: Rows, content: bytes, *, step: int) -> None:
    """Note a part that is stored, and owe the next one; or end the export. Locks it.

    Nothing happens for a part that is there, nor for an export that is gone.
    """
    wanted = select(CatalogExport).where(CatalogExport.id == export_id, CatalogExport.status == RUNNING)
    job = session.scalars(locked(wanted)).one_or_none()
    if job is None or len(job.parts) != step:
        return
    job.parts = [*job.parts, part_name(step, content)]
    job.rows_written += len(rows)
    job.byte_size += len(content)
    if len(rows) < STEP:
        moment = now(session)
        job.status, job.finished_at = DONE, moment
        return
    job.last_product_id, job.last_variant_id = rows[-1]["product_id"], rows[-1]["variant_id"]
    publish(session, ExportContinued(export_id, step=step + 1))
