"""Orders forget their buyers: of deleted accounts once they are over, and of guests with time."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, union_all
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


def erase_due(session: Session, *, kept_for: timedelta, limit: int = 500) -> int:
    """Forget the buyers of up to `limit` orders; the answer is how many. What was sold, for how much, stays.

    Those of guests, and of deleted accounts whose order nobody has ended, `kept_for` after they were paid or
    cancelled. Locks the orders, and leaves out those that others hold. Repeating it goes on with the next.
    """
    found = union_all(_of_guests(kept_for), _of_deleted(kept_for))
    due = select(Order).where(Order.erased_at.is_(None), Order.id.in_(found)).order_by(Order.id).limit(limit)
    orders = session.scalars(locked(due, skip_locked=True)).all()
    moment = now(session)
    for order in orders:
        order.email, order.guest_token_hash, order.gift_message = ERASED_EMAIL, None, None
        order.tax_number = None
        order.shipping_address = _without_person(order.shipping_address)
        order.billing_address = _without_person(order.billing_address)
        order.erased_at = moment
        publish(session, OrderErased(order_id=order.id))
    return len(orders)


def _of_guests(kept_for: timedelta) -> Select[UUID]:
    # Whoever had a token then may have an account now.
    are_guests = (Order.guest_token_hash.is_not(None), Order.user_id.is_(None))
    return select(Order.id).where(*are_guests, _is_settled_since(kept_for))


def _of_deleted(kept_for: timedelta) -> Select[UUID]:
    """They lose their buyer sooner where nothing can follow."""
    ended_at = func.coalesce(Order.delivered_at, Order.cancelled_at)
    is_over = Order.status.in_((CANCELLED, DELIVERED)) & (ended_at < func.now() - OVER_FOR)
    gone = deleted_users()
    deleted = select(Order.id).join(gone, gone.c.user_id == Order.user_id)
    return deleted.where(is_over | _is_settled_since(kept_for))


def _is_settled_since(age: timedelta) -> ColumnElement[bool]:
    """One that is neither paid nor cancelled is under way."""
    return func.coalesce(Order.paid_at, Order.cancelled_at) < func.now() - age


def _without_person(address: Json) -> Json:
    blank = {name: "" if isinstance(value, str) else None for name, value in address.items()}
    return blank | {name: address.get(name) for name in KEPT_OF_ADDRESS}
