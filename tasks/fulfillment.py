"""What follows from parcels that have come to their buyers, and from buyers that are forgotten."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Delivery
from app.fulfillment import services
from tasks.base import consumer


@consumer("fulfillment.note_purchases")
def note_purchases(session: Session, delivery: Delivery) -> None:
    """Tell the catalog what a user was delivered, so that reviews can say so."""
    services.note_purchases(session, UUID(delivery.payload["order_id"]))


@consumer("fulfillment.forget_order")
def forget_order(session: Session, delivery: Delivery) -> None:
    """Forget what was written about returns of an order whose buyer is forgotten."""
    services.forget_comments(session, UUID(delivery.payload["order_id"]))
