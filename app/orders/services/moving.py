"""Moving orders from state to state. Whoever moves one has locked it first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import Session, selectinload

from app.events.services import publish
from app.orders import queries, states
from app.orders.events import (
    CancelRequested,
    HoldExtended,
    HoldShortened,
    OrderCancelled,
    OrderClaimed,
    OrderDelivered,
    OrderFinalized,
    OrderPacked,
    OrderPaid,
    OrderShipped,
    OrderUnavailable,
    ReviewOpened,
    WishChanged,
)
from app.orders.models import Order
from app.platform.db import Json, locked, now
from app.platform.errors import NotFound


def lock(session: Session, order_id: UUID) -> Order:
    """The order with its lines, locked until the transaction ends. Raises NotFound.

    The order of locks: cart, order, payment, refund, reservation, stock, coupon.
    """
    order = session.scalars(_held(), {"order_id": order_id}).one_or_none()
    if order is None:
        raise NotFound("There is no such order.")
    return order


@cache
def _held() -> Select[Order]:
    one = select(Order).where(Order.id == bindparam("order_id"))
    return locked(one.options(selectinload(Order.lines)))


def move(order: Order, target: str) -> None:
    """Write an order's status, as only `cancel_expired` does beside it, for many at once.

    The caller holds the lock and publishes the fact.
    """
    states.check_move(order.status, target)
    order.status = target


def mark_paid(session: Session, order: Order, *, payment_id: UUID | None) -> None:
    """The order's money is there. From cancelled as well, when it expired and the stock was had again.

    Without a payment there is nothing to pay.
    What somebody still has to decide about keeps showing as `review`.
    """
    late, moment = order.status == states.CANCELLED, now(session)
    move(order, states.PAID)
    if order.payment_status != "review":
        order.payment_status = "paid"
    order.paid_at = moment
    order.cancel_reason = order.cancelled_at = None
    order.cancel_requested_at = order.cancel_requested_reason = None
    publish(session, OrderPaid(order_id=order.id, payment_id=payment_id, late=late))


def follow_parcels(session: Session, order: Order, *, status: str, fulfillment_status: str) -> None:
    """Bring a paid order to what its parcels say, step by step; it never goes back. Repeating is safe.

    What its buyer comes for is never on its way.
    """
    order.fulfillment_status = fulfillment_status
    for target in states.ON_ITS_WAY[states.ON_ITS_WAY.index(order.status) + 1 :]:
        is_passed = target == states.SHIPPED and order.pickup_store is not None
        if states.ON_ITS_WAY.index(target) <= states.ON_ITS_WAY.index(status) and not is_passed:
            _STEPS[target](session, order)


def _pack(session: Session, order: Order) -> None:
    move(order, states.PACKED)
    publish(session, OrderPacked(order_id=order.id))


def _ship(session: Session, order: Order) -> None:
    moment = now(session)
    move(order, states.SHIPPED)
    order.shipped_at = moment
    publish(session, OrderShipped(order_id=order.id))


def _deliver(session: Session, order: Order) -> None:
    moment = now(session)
    move(order, states.DELIVERED)
    order.delivered_at = moment
    publish(session, OrderDelivered(order_id=order.id))


_STEPS = {states.PACKED: _pack, states.SHIPPED: _ship, states.DELIVERED: _deliver}


def cancel(session: Session, order: Order, *, reason: str) -> None:
    """End the order. Its stock and money are the caller's to give back, in the same transaction."""
    moment, paid = now(session), order.status != states.PENDING and order.total_amount > 0
    move(order, states.CANCELLED)
    order.cancel_reason = reason
    order.cancelled_at = moment
    if order.payment_status == "processing":
        order.payment_status = "unpaid"
    publish(session, OrderCancelled(order_id=order.id, reason=reason, paid=paid))


def request_cancel(session: Session, order: Order, *, reason: str) -> None:
    """Note who wants out while the provider may still be taking the money. Repeating changes nothing."""
    if order.cancel_requested_at is None:
        moment = now(session)
        order.cancel_requested_at = moment
        order.cancel_requested_reason = reason
        publish(session, CancelRequested(order_id=order.id))


def mark_unavailable(session: Session, order: Order) -> None:
    """The money came too late and the stock is gone: the order stays cancelled, for another reason."""
    order.cancel_reason = "unavailable"
    publish(session, OrderUnavailable(order_id=order.id))


def extend_hold(session: Session, order: Order, *, by: timedelta) -> None:
    """The provider is working on the money: keep the stock for `by` from now, never shorter than before."""
    if order.payment_status != "review":
        order.payment_status = "processing"
    hold_longer(session, order, by=by)


def hold_longer(session: Session, order: Order, *, by: timedelta) -> None:
    """Keep the stock for `by` from now, never shorter than before."""
    order.hold_until = max(order.hold_until, now(session) + by)
    publish(session, HoldExtended(order_id=order.id, hold_until=order.hold_until))


def hold_no_longer(session: Session, order: Order, *, than: timedelta) -> None:
    """Nothing is waited for any more: keep the stock for `than` from now, never longer than before."""
    until = now(session) + than
    if until < order.hold_until:
        order.hold_until = until
        publish(session, HoldShortened(order_id=order.id, hold_until=until))


def await_payment(order: Order) -> None:
    """What the provider was doing came to nothing; the order can be paid in another way."""
    if order.payment_status == "processing":
        order.payment_status = "unpaid"


def close_review(order: Order, *, is_processing: bool) -> None:
    """There was no money in what was reviewed: a pending order is as payable as without it.

    `is_processing`: the provider works on the money of another payment, as `extend_hold` was told meanwhile.
    What an order that was paid is now, its other payments tell: see `note_payments`.
    """
    if order.payment_status == "review":
        order.payment_status = "processing" if is_processing else "unpaid"


def note_payments(order: Order, payment_status: str) -> None:
    """What its payments come to, refunds and disputes included, as their owner has computed it."""
    order.payment_status = payment_status


def open_review(session: Session, order: Order, *, payment_id: UUID, reason: str, hold: timedelta) -> None:
    """Stop: the provider's facts do not fit the order. The stock is kept for `hold` from now."""
    order.payment_status = "review"
    order.hold_until = max(order.hold_until, now(session) + hold)
    publish(session, ReviewOpened(order_id=order.id, payment_id=payment_id, reason=reason))


def finalize(session: Session, order: Order, *, parcels: Sequence[Json]) -> None:
    """Everything that follows from the payment stands; `parcels` is what the buyer sees of it."""
    show_parcels(order, parcels)
    order.finalized_at = now(session)
    publish(session, OrderFinalized(order_id=order.id, fulfillments=len(parcels)))


def change_wish(session: Session, order: Order, changes: Mapping[str, Any]) -> None:
    """Another `delivery_date` or `gift_message`; whether it can be had is the caller's to know."""
    for name, fact in changes.items():
        setattr(order, name, fact)
    publish(session, WishChanged(order_id=order.id))


def show_parcels(order: Order, parcels: Sequence[Json]) -> None:
    """What the buyer sees of the order's parcels from now on."""
    order.parcels = list(parcels)


def adopt(session: Session, *, token_hash: str, user_id: UUID, cart_id: UUID | None) -> list[UUID]:
    """Make the orders that a guest placed with this token the user's, unless they are somebody's already.

    `cart_id` is the user's cart, which the lines of the guest's cart have gone into. Answers the ids of those
    that have a coupon and whose lines still lay in a cart. Locks the orders.
    """
    guests = select(Order).where(queries.unclaimed(token_hash)).order_by(Order.id)
    theirs = session.scalars(locked(guests)).all()
    for order in theirs:
        order.user_id = user_id
        if order.cart_id is not None:
            order.joined_cart_id = cart_id
        publish(session, OrderClaimed(order_id=order.id, user_id=user_id))
    session.flush()
    return [order.id for order in theirs if order.coupon_code is not None and order.cart_id is not None]


def leave_cart(session: Session, order_id: UUID, *, cart_id: UUID) -> bool:
    """What was bought lies in no cart any more: the same goods in it are another purchase from now on.

    False when its lines do not lie in this cart, whatever was read before: nothing changes then. The caller
    has locked the cart. Locks the order.
    """
    left = update(Order).where(Order.id == order_id, queries.lies_in() == cart_id)
    gone = left.values(cart_id=None, joined_cart_id=None).returning(Order.id)
    return session.scalar(gone) is not None


def quantities(order: Order) -> Mapping[UUID, int]:
    """Units per variant of the order's lines."""
    units: dict[UUID, int] = defaultdict(int)
    for line in order.lines:
        units[line.variant_id] += line.quantity
    return units
