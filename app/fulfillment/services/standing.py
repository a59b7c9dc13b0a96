"""An order's parcels together: which there must be, and what the order shows of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.fulfillment.models import Fulfillment
from app.fulfillment.states import CANCELLED, GONE, OPEN, PACKED, PENDING, check_move, standing
from app.orders import services as orders
from app.orders.states import CANCELLED as ORDER_CANCELLED
from app.platform.db import Json, now
from app.platform.errors import NotFound
from app.platform.ids import new_id

if TYPE_CHECKING:  # for hints; the models stay private to their package
    from app.orders.models import Order


def lock_parcel(session: Session, parcel_id: UUID, *, seller_id: UUID | None) -> tuple["Order", Fulfillment]:
    """The parcel's order, locked, and the parcel as it is now. `seller_id` None may touch everybody's.

    Raises NotFound, also for another seller's.
    """
    whose = select(Fulfillment.order_id, Fulfillment.seller_id).where(Fulfillment.id == parcel_id)
    found = session.execute(whose).one_or_none()
    if found is None or seller_id not in (None, found.seller_id):
        raise NotFound("There is no such parcel.")
    order = orders.lock(session, found.order_id)
    return order, next(each for each in parcels_of(session, order.id) if each.id == parcel_id)


def parcels_of(session: Session, order_id: UUID) -> Sequence[Fulfillment]:
    """The order's parcels with what is in them, read anew; the caller has locked the order."""
    session.flush()
    statement = select(Fulfillment).where(Fulfillment.order_id == order_id)
    fresh = statement.options(selectinload(Fulfillment.contents)).execution_options(populate_existing=True)
    return session.scalars(fresh.order_by(Fulfillment.seller_id, Fulfillment.parcel)).all()


def sent_units(session: Session, order_id: UUID) -> Mapping[UUID, int]:
    """Units of each of the order's lines that have left, whether they have come or not."""
    sent: Counter[UUID] = Counter()
    for parcel in parcels_of(session, order_id):
        if parcel.status in GONE:
            sent.update({each.order_line_id: each.quantity for each in parcel.contents})
    return sent


def restate(session: Session, order: "Order") -> None:
    """After any change of its parcels or lines: give each seller an open parcel for what is left to pack.

    Open ones with nothing left for them end; the order shows its parcels, and follows them. Repeating is
    safe.
    """
    if order.finalized_at is None:
        return
    if order.status != ORDER_CANCELLED:
        _balance(session, order)
    rows = parcels_of(session, order.id)
    orders.show_parcels(order, [shown(row) for row in rows])
    if order.status != ORDER_CANCELLED:
        stands = standing(row.status for row in rows)
        orders.follow_parcels(
            session, order, status=stands.order_status, fulfillment_status=stands.fulfillment_status
        )


def end(session: Session, parcel: Fulfillment, order: "Order") -> None:
    """Send this parcel never: what is in it is taken out."""
    check_move(parcel.status, CANCELLED)
    if parcel.status == PACKED:
        take_out(parcel, order)
    parcel.status, parcel.cancelled_at, parcel.ready_at = CANCELLED, now(session), None


def take_out(parcel: Fulfillment, order: "Order") -> None:
    """Empty a parcel that has not left."""
    inside = {each.order_line_id: each.quantity for each in parcel.contents}
    for line in order.lines:
        line.parcelled -= inside.get(line.id, 0)
    parcel.contents = []


def shown(row: Fulfillment) -> Json:
    """A parcel as the order's buyer sees it."""
    return {
        "id": str(row.id),
        "status": row.status,
        "carrier": row.carrier,
        "tracking_number": row.tracking_number,
        "tracking_url": row.tracking_url,
        "estimated_delivery": row.estimated_delivery,
        "ready_at": row.ready_at,
        "shipped_at": row.shipped_at,
        "delivered_at": row.delivered_at,
        "lines": [{"line_id": str(each.order_line_id), "quantity": each.quantity} for each in row.contents],
    }


def _balance(session: Session, order: "Order") -> None:
    rows = parcels_of(session, order.id)
    for seller_id in sorted({line.seller_id for line in order.lines}):
        own = [row for row in rows if row.seller_id == seller_id]
        is_open = [row for row in own if row.status in OPEN]
        left = sum(line.unpacked for line in order.lines if line.seller_id == seller_id)
        if left and not is_open:
            session.add(new_parcel(order.id, seller_id, number=len(own) + 1))
        for row in is_open if not left else ():
            end(session, row, order)


def new_parcel(order_id: UUID, seller_id: UUID, *, number: int) -> Fulfillment:
    """A parcel with nothing in it."""
    return Fulfillment(
        id=new_id(), order_id=order_id, seller_id=seller_id, parcel=number, status=PENDING, contents=[]
    )
