"""Reading orders."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select, tuple_
from sqlalchemy.orm import Session, selectinload

from app.orders.models import Order
from app.orders.states import CANCELLED, PENDING
from app.platform.errors import NotFound
from app.platform.pagination import Page, paged


def of_user(
    session: Session, user_id: UUID, *, status: str | None, before: tuple[datetime, UUID] | None, limit: int
) -> Page[Order]:
    """The user's orders with their lines, newest first, of one status or of all."""
    statement = select(Order).where(Order.user_id == user_id).options(selectinload(Order.lines))
    if status is not None:
        statement = statement.where(Order.status == status)
    if before is not None:
        statement = statement.where(tuple_(Order.placed_at, Order.id) < before)
    newest_first = statement.order_by(Order.placed_at.desc(), Order.id.desc())
    rows: Sequence[Order] = session.scalars(newest_first.limit(limit + 1)).all()
    return paged(rows, limit, lambda order: [order.placed_at, order.id])


def readable(session: Session, id_or_number: str, *, user_id: UUID | None) -> Order:
    """The order by its id or number with its lines, if it is this user's; anybody's when that is None.

    Raises NotFound, for a stranger's as for none.
    """
    statement = select(Order).options(selectinload(Order.lines))
    try:
        statement = statement.where(Order.id == UUID(id_or_number))
    except ValueError:
        statement = statement.where(Order.number == id_or_number)
    order = session.scalars(statement).one_or_none()
    if order is None or (user_id is not None and order.user_id != user_id):
        raise NotFound("There is no such order.")
    return order


def get(session: Session, order_id: UUID) -> Order:
    """The order with its lines. Raises NotFound."""
    return readable(session, str(order_id), user_id=None)


def already_placed(
    session: Session, cart_id: UUID, *, fingerprint: str, unchanged_since: datetime
) -> Order | None:
    """The order that a cart stands for already: its open one, else the one it was paid by as it still is.

    What was paid leaves the cart a moment later; until then, a second checkout is the same purchase.
    """
    same = and_(
        Order.cart_fingerprint == fingerprint,
        Order.status != CANCELLED,
        Order.placed_at >= unchanged_since,
    )
    statement = select(Order).where(Order.cart_id == cart_id, or_(Order.status == PENDING, same))
    pending_first = statement.order_by((Order.status == PENDING).desc(), Order.placed_at.desc())
    return session.scalars(pending_first.limit(1)).first()
