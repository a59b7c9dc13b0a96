"""What orders say of the carts that they came from, for statements about those."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, SQLColumnExpression, exists, func, select

from app.orders.models import Order
from app.orders.states import PENDING


def lies_in() -> ColumnElement[UUID | None]:
    """The cart that an order's lines lie in until they are bought: its own, or what this was merged into."""
    return func.coalesce(Order.joined_cart_id, Order.cart_id)


def carts_with_open_orders() -> CompoundSelect[Any]:
    """The ids of carts that an order waiting for its payment came from, or was merged into."""
    own = select(Order.cart_id).where(Order.status == PENDING, Order.cart_id.is_not(None))
    joined = select(Order.joined_cart_id).where(Order.status == PENDING, Order.joined_cart_id.is_not(None))
    return own.union_all(joined)


def ordered_since(
    user_id: SQLColumnExpression[UUID | None], moment: SQLColumnExpression[datetime]
) -> ColumnElement[bool]:
    """Whether a user has placed an order at a moment or later."""
    return exists().where(Order.user_id == user_id, Order.placed_at >= moment)
