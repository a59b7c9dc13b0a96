"""What is kept no longer. Nothing here commits."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, delete, exists, func, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from app.transfers.models import CatalogExport, CatalogImport, ImportRefusal, OrderExport
from app.transfers.states import EXPECTED

AT_ONCE = 500
NEVER_CAME = timedelta(days=1)


def imports(session: Session, *, kept: timedelta) -> Sequence[UUID]:
    """Those that ended so long ago, and those whose file did not come within a day; up to 500."""
    never_came = and_(CatalogImport.status == EXPECTED, CatalogImport.created_at < func.now() - NEVER_CAME)
    over = or_(CatalogImport.finished_at < func.now() - kept, never_came)
    return session.scalars(select(CatalogImport.id).where(over).limit(AT_ONCE)).all()


def exports(session: Session, *, kept: timedelta) -> Sequence[UUID]:
    """Those of the catalog and of orders that ended so long ago; up to 500."""
    over = (select(job.id).where(job.finished_at < func.now() - kept) for job in (CatalogExport, OrderExport))
    return session.scalars(union_all(*over).limit(AT_ONCE)).all()


def forget_refusals(session: Session, import_ids: Sequence[UUID], *, limit: int) -> int:
    """Delete up to `limit` of what is told about the rows of these imports; the answer is how many."""
    place = (ImportRefusal.import_id, ImportRefusal.place)
    some = select(*place).where(ImportRefusal.import_id.in_(import_ids)).limit(limit).cte("some")
    gone = delete(ImportRefusal).where(tuple_(*place).in_(select(some.c.import_id, some.c.place)))
    return len(session.scalars(gone.returning(ImportRefusal.place)).all())


def forget(session: Session, import_ids: Sequence[UUID], export_ids: Sequence[UUID]) -> int:
    """Delete them, but no import with something left to tell about its rows; the answer is how many."""
    told = exists().where(ImportRefusal.import_id == CatalogImport.id)
    imports = delete(CatalogImport).where(CatalogImport.id.in_(import_ids), ~told)
    count = len(session.scalars(imports.returning(CatalogImport.id)).all())
    for job in (CatalogExport, OrderExport):
        count += len(session.scalars(delete(job).where(job.id.in_(export_ids)).returning(job.id)).all())
    return count
