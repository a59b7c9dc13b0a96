"""Orders write to where their buyers are reached now, also after these have another address."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.services import contact, links, lock_if_kept
from app.orders.models import Order
from app.platform.db import locked


def follow_change(session: Session, link_id: UUID) -> int:
    """Have an account's orders write to its present address, if to what the change by this link replaced.

    The answer is how many did. Those that a guest placed with another address keep it, and so do those that
    have forgotten their buyer. Repeating changes nothing. Locks the account, so that of two changes the later
    one counts, then the orders.
    """
    link = links.opened(session, link_id)
    if link is None or not lock_if_kept(session, link.user_id):
        return 0
    theirs = (Order.user_id == link.user_id, Order.email == link.old_email, Order.erased_at.is_(None))
    orders = session.scalars(locked(select(Order).where(*theirs).order_by(Order.id))).all()
    present = contact(session, link.user_id).email
    for order in orders:
        order.email = present
    return len(orders)
