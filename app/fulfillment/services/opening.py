"""Handing a paid order to those who send it, and stopping them. Whoever stops one has locked it."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from app.fulfillment.services.standing import end, new_parcel, parcels_of, restate, shown
from app.fulfillment.states import HERE
from app.orders import services as orders
from app.orders.states import CANCELLED

if TYPE_CHECKING:  # for the hint; the models stay private to their package
    from app.orders.models import Order


def open_for_order(session: Session, order_id: UUID) -> None:
    """Make one parcel per seller of a paid order, and show them on it. Repeating changes nothing.

    Nothing is made for an order that was cancelled meanwhile. Locks the order. Raises NotFound.
    """
    order = orders.lock(session, order_id)
    if order.finalized_at is not None or order.status == CANCELLED:
        return
    sellers = sorted({line.seller_id for line in order.lines})
    rows = [new_parcel(order_id, seller_id, number=1) for seller_id in sellers]
    session.add_all(rows)
    orders.finalize(session, order, parcels=[shown(row) for row in rows])
    if any(line.withheld for line in order.lines):
        restate(session, order)


def stop(session: Session, order: "Order") -> None:
    """Have nothing of a cancelled order sent. Repeating changes nothing."""
    for parcel in parcels_of(session, order.id):
        if parcel.status in HERE:
            end(session, parcel, order)
    restate(session, order)
