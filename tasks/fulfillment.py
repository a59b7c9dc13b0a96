"""What follows from parcels that have come to their buyers."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Delivery
from app.fulfillment import services
from tasks.base import consumer


@consumer("fulfillment.note_purchases")
def note_purchases(session: Session, delivery: Delivery) -> None:
    """Tell the catalog what a user was delivered, so that reviews can say so."""
    services.note_purchases(session, UUID(delivery.payload["order_id"]))
