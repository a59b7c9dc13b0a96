"""How an order stands with its money: one function computes `payment_status` from the rows."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.orders import services as orders
from app.payments import queries as payment_queries

if TYPE_CHECKING:  # for the hint; the models stay private to their packages
    from app.orders.models import Order


def restate(session: Session, order: "Order") -> None:
    """Bring the order's `payment_status` in line with its payments and disputes. The order is locked.

    A dispute that is open or lost goes before anything but a review, which is left to who decides it.
    """
    if order.payment_status == "review":
        return
    if payment_queries.is_disputed(session, order.id):
        orders.note_payments(order, "disputed")
    elif order.payment_status == "disputed":
        orders.note_payments(order, "paid")
