"""What follows from a paid order, from its buyer's new address, and from time."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.events import services as events
from app.events.claims import Delivery
from app.fulfillment import services as fulfillment
from app.orders.services import addressing, erasing
from app.platform.logging import get_logger
from app.platform.settings import settings
from tasks.base import consumer

log = get_logger("tasks.orders")


@consumer("orders.finalize", time_limit=60)  # as all others of the queue: its message does their work, too
def finalize(session: Session, delivery: Delivery) -> None:
    """Hand the order to those who send it."""
    fulfillment.open_for_order(session, UUID(delivery.payload["order_id"]))


@consumer("orders.follow_change")
def follow_change(session: Session, delivery: Delivery) -> None:
    """Have a buyer's orders write to the address that the account has now."""
    count = addressing.follow_change(session, UUID(delivery.payload["link_id"]))
    log.info("orders_readdressed", count=count)


@consumer("orders.erase_due")
def erase_due(session: Session, delivery: Delivery) -> None:
    """Have orders forget buyers whose accounts are deleted, and guests with time."""
    count = erasing.erase_due(session, kept_for=settings().retention.buyers)
    events.record_success(session, delivery.consumer)
    log.info("orders_erased", count=count)
