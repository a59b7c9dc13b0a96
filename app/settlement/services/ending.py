"""Ending orders that are not paid: given up by somebody, or held for too long."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.events.services import publish
from app.inventory import services as inventory
from app.orders import services as orders
from app.orders.errors import IllegalTransition
from app.orders.states import CANCELLED, PENDING
from app.payments import queries as payment_queries
from app.payments.events import CloseRequested
from app.payments.services import payments

if TYPE_CHECKING:  # for the hint; the models stay private to their packages
    from app.orders.models import Order


def cancel(session: Session, order: "Order", *, reason: str) -> None:
    """Give up a pending order that the caller has locked: at once, or as soon as the provider agrees.

    While a payment is open, closing it is only requested. Repeating changes nothing; an order that is past
    pending raises IllegalTransition.
    """
    if order.status == CANCELLED:
        return
    if order.payment_status == "review":
        raise IllegalTransition(
            "The payment is being checked: an operator decides what becomes of the order.",
            order_status=order.status,
        )
    if order.status != PENDING:  # a paid order has money to give back: that is not this way out
        raise IllegalTransition("Only an unpaid order can be cancelled here.", order_status=order.status)
    if payment_queries.live_of_order(session, order.id) is None:
        end(session, order, reason=reason)
        return
    orders.request_cancel(session, order, reason=reason)
    publish(session, CloseRequested(order_id=order.id, hold_until=order.hold_until, reason=reason))


def expire_due(session: Session, *, limit: int = 100) -> int:
    """Begin to end the orders whose hold is over; the answer is how many. Safe to run in parallel.

    Each is ended by a worker in a transaction of its own: stock of several orders in one would be locked out
    of order.
    """
    due = orders.due(session, limit=limit)
    for order in due:
        publish(session, CloseRequested(order_id=order.id, hold_until=order.hold_until, reason="expired"))
    orders.note_expiry_request(session, [order.id for order in due])
    return len(due)


def end(session: Session, order: "Order", *, reason: str) -> None:
    """End a pending order: its stock is free, and the provider is asked about each payment left.

    A wish to cancel goes before an expiry, however they met.
    """
    reason = order.cancel_requested_reason or reason
    for left in payment_queries.unfinished_of_order(session, order.id):
        payments.abandon(session, payments.lock(session, left.id))
    orders.cancel(session, order, reason=reason)
    inventory.release(session, holder_id=order.id)
