"""Carts after their orders, and after their guests have signed in."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.carts import services
from app.events.claims import Delivery
from app.orders import queries as orders
from app.orders.services import quantities
from tasks.base import consumer


@consumer("carts.remove_ordered")
def remove_ordered(session: Session, delivery: Delivery) -> None:
    """Take what was bought out of the cart that it lies in."""
    order = orders.get(session, UUID(delivery.payload["order_id"]))
    services.remove_bought(session, order.id, quantities(order))


@consumer("carts.merge")
def merge(session: Session, delivery: Delivery) -> None:
    """Give a user what they had as a guest."""
    payload = delivery.payload
    services.merge(session, user_id=UUID(payload["user_id"]), token_hash=payload["token_hash"])
