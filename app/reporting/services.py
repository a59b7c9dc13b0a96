"""Telling users what the shop knows of them, and the catalog what sells. Nothing here commits."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.catalog.services import ranking
from app.events.services import publish
from app.identity.services import lock_owner
from app.orders.models import OrderLine
from app.platform.db import locked, now
from app.platform.errors import NotFound
from app.platform.forgetting import delete_some
from app.platform.ids import new_id
from app.reporting import queries
from app.reporting.events import ExportReady, ExportRequested, PopularityContinued
from app.reporting.models import DataExport

KEPT_FOR = timedelta(days=7)


def request_export(session: Session, user_id: UUID) -> DataExport:
    """Have a worker gather what the shop knows of a user; asking again while it does changes nothing.

    Locks the account. Raises NotAuthenticated when it is closed meanwhile.
    """
    lock_owner(session, user_id)
    export_id = new_id()
    row = insert(DataExport).values(id=export_id, user_id=user_id)
    # Locks the one that is under way, so that it is not ready, and another to be made, before it is answered.
    pending = row.on_conflict_do_update(
        index_elements=["user_id"],
        index_where=DataExport.ready_at.is_(None),
        set_={"user_id": row.excluded.user_id},
    )
    export = session.scalars(pending.returning(DataExport)).one()
    if export.id == export_id:
        publish(session, ExportRequested(export_id=export_id, user_id=user_id))
    return export


def build_export(session: Session, export_id: UUID) -> None:
    """Gather what the shop knows now, and tell the user. Repeating changes nothing. Locks the export."""
    export = session.scalars(locked(select(DataExport).where(DataExport.id == export_id))).one_or_none()
    if export is None or export.ready_at is not None:
        return
    content, moment = queries.everything(session, export.user_id), now(session)
    export.content, export.ready_at = content, moment
    publish(session, ExportReady(export_id=export.id, user_id=export.user_id))


def export(session: Session, user_id: UUID, export_id: UUID) -> DataExport:
    """One of the user's own exports. Raises NotFound."""
    mine = select(DataExport).where(DataExport.id == export_id, DataExport.user_id == user_id)
    found = session.scalars(mine).one_or_none()
    if found is None:
        raise NotFound("You have no such export; they are kept for a week.")
    return found


def forget_user(session: Session, user_id: UUID) -> None:
    """Delete a user's exports. Repeating changes nothing."""
    session.execute(delete(DataExport).where(DataExport.user_id == user_id))


def forget_old(session: Session, *, limit: int) -> int:
    """Delete up to `limit` exports that were asked for a week ago; the answer is how many."""
    return delete_some(session, DataExport, DataExport.requested_at < func.now() - KEPT_FOR, limit=limit)


def count_popularity(session: Session, after: UUID | None = None) -> bool:
    """Note with each listing how much of it was sold lately: a step of listings that come `after` this id.

    The first ones for None. When there are more, the backroom is owed the next step, and the answer is true.
    """
    last = ranking.end_of_step(session, after)
    sold = queries.units_sold(*ranking.within(OrderLine.product_id, after, last))
    ranking.rank(session, sold, after=after, last=last)
    if last:
        publish(session, PopularityContinued(after=last))
    return last is not None
