"""Who counts as one customer of a coupon, and forgetting who it was."""

import hashlib
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.platform.db import locked
from app.pricing.models.coupons import Coupon, CouponCustomer, CouponUse
from app.pricing.states import COUNTED

GUEST = "guest:"


def customer_of(*, user_id: UUID | None, email: str) -> str:
    """By what a customer's uses are counted: a user's id, else a hash of the guest's address.

    The address as it is kept, trimmed and in lower case.
    """
    return known_user(user_id) or GUEST + hashlib.sha256(email.encode()).hexdigest()


def known_user(user_id: UUID | None) -> str | None:
    """The same while no address is known, as in a cart: None for guests."""
    return None if user_id is None else f"user:{user_id}"


def forget_customer(session: Session, *, order_id: UUID) -> None:
    """Let an order's coupon not know any more which guest used it; what the coupon has given stays counted.

    Repeating changes nothing. Locks the use, then the coupon.
    """
    guests = CouponUse.order_id == order_id, CouponUse.customer.startswith(GUEST)
    use = session.scalars(locked(select(CouponUse).where(*guests))).one_or_none()
    if use is None:
        return
    session.execute(locked(select(Coupon.id).where(Coupon.id == use.coupon_id)))
    theirs = CouponCustomer.coupon_id == use.coupon_id, CouponCustomer.customer == use.customer
    if use.status in COUNTED:
        counter = CouponCustomer.reserved if use.status == COUNTED[0] else CouponCustomer.used
        session.execute(update(CouponCustomer).where(*theirs).values({counter: counter - 1}))
    empty = CouponCustomer.reserved + CouponCustomer.used == 0
    session.execute(delete(CouponCustomer).where(*theirs, empty))
    use.customer = None
    session.flush()
