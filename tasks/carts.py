"""Carts after their orders."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.carts import services
from app.events.claims import Delivery
from app.orders import queries as orders
from app.orders.services import quantities
from tasks.base import consumer


@consumer("carts.remove_ordered")
def remove_ordered(session: Session, delivery: Delivery) -> None:
    """Take what was bought out of the cart that it came from."""
    order = orders.get(session, UUID(delivery.payload["order_id"]))
    if order.cart_id is not None:
        services.remove_ordered(session, cart_id=order.cart_id, quantities=quantities(order))
