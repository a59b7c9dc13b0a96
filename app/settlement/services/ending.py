"""Ending orders: given up or called off by somebody, or held for too long."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.events.services import publish, publish_all
from app.fulfillment import services as fulfillment
from app.inventory import services as inventory
from app.orders import services as orders
from app.orders.errors import IllegalTransition
from app.orders.states import CANCELLED, PACKED, PAID, PARTIAL, PENDING
from app.payments import queries as payment_queries
from app.payments.events import CloseRequested
from app.payments.services import payments, refunds
from app.payments.states import BESIDE
from app.pricing.services import coupons
from app.settlement.services.holdings import free, free_coupon
from app.settlement.services.leaving import left_by_object
from app.settlement.services.reasons import CALLED_OFF

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment


def cancel(
    session: Session, order: "Order", *, reason: str, as_operator: bool = False, restock: bool = True
) -> None:
    """End an order that the caller has locked: at once, or as soon as the provider agrees.

    While a payment is open, closing it is only requested. Of a paid order all that is left of the money is
    owed back, and with `restock` its units are on the shelf again, but those of refunds: where they go was
    said with these. A packed one needs an operator. Repeating changes nothing. Raises IllegalTransition: it
    is too late, or a bank or an operator has to decide first.
    """
    if order.status == CANCELLED:
        return
    if why := _why_not(session, order, as_operator=as_operator):
        raise IllegalTransition(why, order_status=order.status)
    if order.status != PENDING:
        _call_off(session, order, reason=reason, restock=restock)
    elif payment_queries.live_of_order(session, order.id) is None:
        end(session, order, reason=reason)
    else:
        orders.request_cancel(session, order, reason=reason)
        publish(session, CloseRequested(order_id=order.id, hold_until=order.hold_until, reason=reason))


def _why_not(session: Session, order: "Order", *, as_operator: bool) -> str | None:
    if order.status not in (PENDING, PAID, PACKED):
        return f"An order that is {order.status} cannot be cancelled."
    if order.fulfillment_status == PARTIAL:
        return "A part of the order is on its way: what is not can be refunded."
    if order.status == PACKED and not as_operator:
        return "The order is packed: only the shop can still cancel it."
    if order.payment_status == "review":
        return "The payment is being checked: an operator decides what becomes of the order."
    if order.status != PENDING and payment_queries.has_open_dispute(session, order.id):
        return "The payment is disputed: its money is the bank's to give until that is over."
    return None


def _call_off(session: Session, order: "Order", *, reason: str, restock: bool) -> None:
    """End a paid order: nothing of it is sent, held or kept."""
    owe_what_is_left(session, order)
    orders.cancel(session, order, reason=reason)
    fulfillment.stop(session, order)
    refunded = payment_queries.refunded_units(session, order.id)
    # Units of a refund that has failed since were withheld for it, and stay where it put them.
    decided = {line.variant_id: max(line.withheld, refunded.get(line.id, 0)) for line in order.lines}
    inventory.end_sale(session, holder_id=order.id, restock=restock, reference=str(order.id), decided=decided)
    free_coupon(session, order)


def owe_what_is_left(session: Session, order: "Order") -> None:
    """Owe back all that the payments of an order that is over have kept; the caller has locked it.

    The provider refunds what one object of it took, so each that has kept anything has a refund of its own.
    What a bank has taken stays there: it gave that back itself. Where it took a part, the provider may refuse
    to refund the rest: that refund fails, for an operator to see. Repeating changes nothing. Locks payments.
    """
    for each in payment_queries.of_order(session, order.id):
        payment = payments.lock(session, each.id)
        withdrawn = payment_queries.withdrawn(session, payment.id)
        for intent_id, left in left_by_object(session, payment).items():
            amount = left - min(withdrawn, left)
            withdrawn -= left - amount
            if amount > 0:
                _owe(session, payment, amount, intent_id)


def _owe(session: Session, payment: "Payment", amount: int, intent_id: str | None) -> None:
    refunds.owe(
        session,
        payment,
        amount=amount,
        currency=payment.currency,
        reason=BESIDE if intent_id else CALLED_OFF,
        intent_id=intent_id,
    )


def expire_due(session: Session, *, limit: int = 300) -> int:
    """End orders whose hold is over, as far as nobody has to be asked; the answer is how many were due.

    Where a payment may still take money, a worker closes that first, in a transaction of its own. Safe to run
    in parallel. Locks the orders, then the stock rows, then the coupons, in id order over all that end here.
    """
    due = orders.due(session, limit=limit)
    # Asked after the lock: whoever gives an order a new payment has locked it before.
    unfinished = payment_queries.have_unfinished(session, [order.id for order in due]) if due else set()
    left = [order for order in due if order.id in unfinished]
    publish_all(
        session,
        [CloseRequested(order_id=each.id, hold_until=each.hold_until, reason="expired") for each in left],
    )
    orders.note_expiry_request(session, [each.id for each in left])
    if ended := [order.id for order in due if order.id not in unfinished]:
        with_coupon = orders.cancel_expired(session, ended)
        inventory.release_all(session, ended)
        coupons.release_all(session, with_coupon)
    return len(due)


def end(session: Session, order: "Order", *, reason: str) -> None:
    """End a pending order: its stock and coupon are free, and the provider is asked about each payment left.

    A wish to cancel goes before an expiry, however they met.
    """
    reason = order.cancel_requested_reason or reason
    drop_payments(session, order)
    orders.cancel(session, order, reason=reason)
    free(session, order)


def drop_payments(session: Session, order: "Order") -> None:
    """Want no payment of the order any more that is open, waiting or in review: the provider is asked."""
    for left in payment_queries.unfinished_of_order(session, order.id):
        payments.abandon(session, payments.lock(session, left.id))
