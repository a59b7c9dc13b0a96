"""Carts after their orders, after their guests have signed in, and when nobody touches them."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.carts import services
from app.events import services as events
from app.events.claims import Delivery
from app.orders import queries as orders
from app.orders.services import quantities
from app.platform.logging import get_logger
from app.platform.settings import settings
from tasks.base import consumer

log = get_logger("tasks.carts")


@consumer("carts.remove_ordered")
def remove_ordered(session: Session, delivery: Delivery) -> None:
    """Take what was bought, or waits for a transfer, out of the cart that it lies in."""
    order = orders.get(session, UUID(delivery.payload["order_id"]))
    services.remove_bought(session, order.id, quantities(order), coupon_code=order.coupon_code)


@consumer("carts.merge")
def merge(session: Session, delivery: Delivery) -> None:
    """Give a user what they had as a guest."""
    payload = delivery.payload
    services.merge(session, user_id=UUID(payload["user_id"]), token_hash=payload["token_hash"])


@consumer("carts.tend")
def tend(session: Session, delivery: Delivery) -> None:
    """Begin to remind those who left something, and to delete what nobody touches, a step at a time."""
    _tend(session, None)


@consumer("carts.tend_on")
def tend_on(session: Session, delivery: Delivery) -> None:
    """Look after the next carts."""
    _tend(session, UUID(delivery.payload["after"]))


def _tend(session: Session, after: UUID | None) -> None:
    done = services.tend(session, after=after, remind_after=settings().cart_reminder_after)
    log.info("carts_tended", deleted=done.deleted, reminded=done.reminded)
    if done.is_last:
        events.record_success(session, "carts.tend")
