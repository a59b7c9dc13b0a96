"""What is kept no longer. Nothing here commits."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, union_all
from sqlalchemy.orm import Session

from app.transfers.models import CatalogExport, CatalogImport, OrderExport
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


def forget(session: Session, import_ids: Sequence[UUID], export_ids: Sequence[UUID]) -> None:
    """Delete them, with what is told about their rows."""
    session.execute(delete(CatalogImport).where(CatalogImport.id.in_(import_ids)))
    for job in (CatalogExport, OrderExport):
        session.execute(delete(job).where(job.id.in_(export_ids)))
