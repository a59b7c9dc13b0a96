"""What coupons forget."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Delivery
from app.pricing.services import coupons
from tasks.base import consumer


@consumer("pricing.forget_order")
def forget_order(session: Session, delivery: Delivery) -> None:
    """Let an order's coupon not know any more which guest used it."""
    coupons.forget_customer(session, order_id=UUID(delivery.payload["order_id"]))
