"""Reading imports and exports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from app.platform.errors import NotFound
from app.platform.pagination import Page, paged
from app.transfers.models import CatalogExport, CatalogImport, ImportRefusal, OrderExport
from app.transfers.states import EXPECTED, RUNNING, UNDER_WAY

Before = tuple[datetime, UUID] | None


def get_import(session: Session, import_id: UUID) -> CatalogImport:
    """An import whose file has come. Raises NotFound."""
    wanted = select(CatalogImport).where(CatalogImport.id == import_id, CatalogImport.status != EXPECTED)
    job = session.scalars(wanted).one_or_none()
    if job is None:
        raise NotFound("There is no such import; they are kept for a while after their end.")
    return job


def due_step(session: Session, import_id: UUID, step: int) -> CatalogImport | None:
    """The import, if this step of it is the next to be done."""
    wanted = select(CatalogImport).where(CatalogImport.id == import_id, CatalogImport.steps == step)
    return session.scalars(wanted.where(CatalogImport.status.in_(UNDER_WAY))).one_or_none()


def imports(session: Session, *, before: Before, limit: int) -> Page[CatalogImport]:
    """Imports, newest first."""
    columns = (CatalogImport.created_at, CatalogImport.id)
    wanted = _newest(select(CatalogImport).where(CatalogImport.status != EXPECTED), columns, before, limit)
    rows: Sequence[CatalogImport] = session.scalars(wanted).all()
    return paged(rows, limit, lambda job: [job.created_at.isoformat(), str(job.id)])


def refusals(session: Session, import_id: UUID, *, after: int, limit: int) -> Sequence[ImportRefusal]:
    """What is wrong with the rows of an import, in the order of its file, from after a place on."""
    theirs = select(ImportRefusal).where(ImportRefusal.import_id == import_id, ImportRefusal.place > after)
    return session.scalars(theirs.order_by(ImportRefusal.place).limit(limit)).all()


def get_export(session: Session, export_id: UUID) -> CatalogExport:
    """An export. Raises NotFound."""
    job = session.scalars(select(CatalogExport).where(CatalogExport.id == export_id)).one_or_none()
    if job is None:
        raise NotFound("There is no such export; they are kept for a while after their end.")
    return job


def due_part(session: Session, export_id: UUID, step: int) -> CatalogExport | None:
    """The export, if this part of it is the next to be written."""
    wanted = select(CatalogExport).where(CatalogExport.id == export_id, CatalogExport.status == RUNNING)
    job = session.scalars(wanted).one_or_none()
    return job if job is not None and len(job.parts) == step else None


def exports(session: Session, *, before: Before, limit: int) -> Page[CatalogExport]:
    """Exports, newest first."""
    columns = (CatalogExport.created_at, CatalogExport.id)
    rows: Sequence[CatalogExport] = session.scalars(
        _newest(select(CatalogExport), columns, before, limit)
    ).all()
    return paged(rows, limit, lambda job: [job.created_at.isoformat(), str(job.id)])


def get_order_export(session: Session, export_id: UUID) -> OrderExport:
    """An export of orders. Raises NotFound."""
    job = session.get(OrderExport, export_id)
    if job is None:
        raise NotFound("There is no such export; they are kept for a while after their end.")
    return job


def due_order_part(session: Session, export_id: UUID, step: int) -> OrderExport | None:
    """The export of orders, if this part of it is the next to be written."""
    job = session.get(OrderExport, export_id)
    return job if job is not None and job.status == RUNNING and len(job.parts) == step else None


def order_exports(session: Session, *, before: Before, limit: int) -> Page[OrderExport]:
    """Exports of orders, newest first."""
    columns = (OrderExport.created_at, OrderExport.id)
    rows: Sequence[OrderExport] = session.scalars(_newest(select(OrderExport), columns, before, limit)).all()
    return paged(rows, limit, lambda job: [job.created_at.isoformat(), str(job.id)])


def _newest(wanted: Select[Any], columns: tuple[Any, Any], before: Before, limit: int) -> Select[Any]:
    at, job_id = columns
    chosen = wanted if before is None else wanted.where(tuple_(at, job_id) < before)
    return chosen.order_by(at.desc(), job_id.desc()).limit(limit + 1)
