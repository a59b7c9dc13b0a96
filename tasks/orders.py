"""What follows from a paid order."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Delivery
from app.fulfillment import services as fulfillment
from tasks.base import consumer


@consumer("orders.finalize")
def finalize(session: Session, delivery: Delivery) -> None:
    """Hand the order to those who send it."""
    fulfillment.open_for_order(session, UUID(delivery.payload["order_id"]))
