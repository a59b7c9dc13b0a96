"""Handing a paid order to those who send it, and stopping them. Whoever calls for an order locks it first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog.services import note_purchases as note_in_catalog
from app.fulfillment.models import Fulfillment
from app.orders import services as orders
from app.orders.errors import IllegalTransition
from app.orders.states import CANCELLED, DELIVERED, PACKED, check_move
from app.payments import queries as payment_queries
from app.platform.db import Json
from app.platform.ids import new_id

if TYPE_CHECKING:  # for the hint; the models stay private to their package
    from app.orders.models import Order


def open_for_order(session: Session, order_id: UUID) -> None:
    """Make one fulfilment per seller of a paid order, and show them on it. Repeating changes nothing.

    Nothing is made for an order that was cancelled meanwhile. Locks the order. Raises NotFound.
    """
    order = orders.lock(session, order_id)
    if order.finalized_at is not None or order.status == CANCELLED:
        return
    sellers = sorted({line.seller_id for line in order.lines})
    rows = [
        Fulfillment(id=new_id(), order_id=order_id, seller_id=seller_id, parcel=1, status="pending")
        for seller_id in sellers
    ]
    session.add_all(rows)
    orders.finalize(session, order, parcels=[_shown(row) for row in rows])


def pack(session: Session, order_id: UUID) -> None:
    """Note that all parcels of a paid order are packed. Repeating changes nothing. Locks the order.

    Raises NotFound, and IllegalTransition while the order may not leave the house.
    """
    order = orders.lock(session, order_id)
    if order.status == PACKED:
        return
    check_move(order.status, PACKED)
    if reason := _why_kept(session, order):
        raise IllegalTransition(reason, order_status=order.status)
    orders.pack(session, order)
    _move_parcels(session, order, "packed")


def note_purchases(session: Session, order_id: UUID) -> None:
    """Tell the catalog what a user was delivered, as it stands now. Repeating changes nothing.

    A guest's order is nobody's yet: it counts once it is claimed. Locks the order. Raises NotFound.
    """
    order = orders.lock(session, order_id)
    if order.status == DELIVERED and order.user_id is not None:
        products = [line.product_id for line in order.lines]
        note_in_catalog(session, order_id=order_id, user_id=order.user_id, product_ids=products)


def stop(session: Session, order: "Order") -> None:
    """Have nothing of a cancelled order sent. Repeating changes nothing."""
    _move_parcels(session, order, "cancelled")


def _why_kept(session: Session, order: "Order") -> str | None:
    """Why nothing of a paid order may leave the house now; None when it may."""
    if order.finalized_at is None:
        return "Its parcels are not known yet."
    if order.payment_status == "review":
        return "The payment is being checked: an operator decides what becomes of the order."
    if payment_queries.is_disputed(session, order.id):
        return "The buyer's bank asks for the money back, or has got it."
    if order.total_amount and not payment_queries.kept_of_order(session, order.id):
        return "All of the money has gone back, or goes back."
    return None


def _move_parcels(session: Session, order: "Order", status: str) -> None:
    parcels = _of_order(session, order.id)
    for parcel in parcels:
        parcel.status = status
    orders.show_parcels(order, [_shown(parcel) for parcel in parcels])


def _of_order(session: Session, order_id: UUID) -> Sequence[Fulfillment]:
    statement = select(Fulfillment).where(Fulfillment.order_id == order_id)
    return session.scalars(statement.order_by(Fulfillment.seller_id, Fulfillment.parcel)).all()


def _shown(row: Fulfillment) -> Json:
    """A parcel as the order's buyer sees it."""
    return {
        "id": str(row.id),
        "status": row.status,
        "carrier": row.carrier,
        "tracking_number": row.tracking_number,
        "tracking_url": row.tracking_url,
        "shipped_at": row.shipped_at,
        "delivered_at": row.delivered_at,
    }
