"""Handing a paid order to those who send it."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.fulfillment.models import Fulfillment
from app.orders import services as orders
from app.platform.db import Json
from app.platform.ids import new_id


def open_for_order(session: Session, order_id: UUID) -> None:
    """Make one fulfilment per seller of a paid order, and show them on it. Repeating changes nothing.

    Locks the order. Raises NotFound.
    """
    order = orders.lock(session, order_id)
    if order.finalized_at is not None:
        return
    sellers = sorted({line.seller_id for line in order.lines})
    rows = [
        Fulfillment(id=new_id(), order_id=order_id, seller_id=seller_id, parcel=1, status="pending")
        for seller_id in sellers
    ]
    session.add_all(rows)
    orders.finalize(session, order, parcels=[_shown(row) for row in rows])


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
