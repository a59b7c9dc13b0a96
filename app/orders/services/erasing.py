"""Orders forget their buyers, once the account is deleted and the order long over."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.events.services import publish
from app.identity.queries import deleted_users
from app.orders.events import OrderErased
from app.orders.models import Order
from app.orders.states import CANCELLED, DELIVERED
from app.platform.db import Json, locked, now

OVER_FOR = timedelta(days=30)
"""Late money, returns and disputes still need an address for so long."""
ERASED_EMAIL = "erased@deleted.invalid"
KEPT_OF_ADDRESS = ("country", "region")
"""What taxes were reckoned by."""


def erase_due(session: Session, *, limit: int = 500) -> int:
    """Forget the buyers of up to `limit` orders; the answer is how many. What was sold, for how much, stays.

    Locks the orders, and leaves out those that others hold. Repeating it goes on with the next.
    """
    ended_at = func.coalesce(Order.delivered_at, Order.cancelled_at)
    due = (
        select(Order)
        .where(
            Order.erased_at.is_(None),
            Order.user_id.in_(select(deleted_users().c.user_id)),
            Order.status.in_((CANCELLED, DELIVERED)),
            ended_at < func.now() - OVER_FOR,
        )
        .order_by(Order.id)
        .limit(limit)
    )
    orders = session.scalars(locked(due, skip_locked=True)).all()
    moment = now(session)
    for order in orders:
        order.email, order.guest_token_hash, order.gift_message = ERASED_EMAIL, None, None
        order.shipping_address = _without_person(order.shipping_address)
        order.billing_address = _without_person(order.billing_address)
        order.erased_at = moment
        publish(session, OrderErased(order_id=order.id))
    return len(orders)


def _without_person(address: Json) -> Json:
    blank = {name: "" if isinstance(value, str) else None for name, value in address.items()}
    return blank | {name: address.get(name) for name in KEPT_OF_ADDRESS}
