"""What an order holds, its stock and the use of its coupon: had, sold and given back together."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.inventory import services as inventory
from app.orders import services as orders
from app.pricing.services import coupons

if TYPE_CHECKING:  # for the hint; the models stay private to their packages
    from app.orders.models import Order


def have_again(session: Session, order: "Order") -> None:
    """Reserve once more what an expired order has given back, all of it or nothing; stock first, as always.

    Of the coupon only its limits count now. Raises OutOfStock and CouponUsedUp.
    """
    with session.begin_nested():
        inventory.reserve(session, holder_id=order.id, quantities=orders.quantities(order))
        if order.coupon_code is not None:
            coupons.reserve_again(session, order_id=order.id)


def sell(session: Session, order: "Order") -> None:
    """The order is paid: what it has reserved is sold. Repeating changes nothing."""
    inventory.commit(session, holder_id=order.id)
    if order.coupon_code is not None:
        coupons.use(session, order_id=order.id)


def free(session: Session, order: "Order") -> None:
    """The order has ended unpaid: others may have it. Repeating changes nothing."""
    inventory.release(session, holder_id=order.id)
    free_coupon(session, order)


def free_coupon(session: Session, order: "Order") -> None:
    """The order is over, paid or not: the use of its coupon counts no more. Repeating changes nothing."""
    if order.coupon_code is not None:
        coupons.release_all(session, (order.id,))
