"""Writing a new order down."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, bindparam, func, select
from sqlalchemy.orm import Session

from app.orders.models import Order, OrderLine
from app.platform.db import Json
from app.platform.ids import new_id

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Line:
    """What is bought of one variant; `unit_price_amount` in minor units of the order's currency.

    `image` is the key of its product's picture.
    """

    product_id: UUID
    variant_id: UUID
    seller_id: UUID
    sku: str
    name: str
    image: str | None
    quantity: int
    unit_price_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Everything about an order that is known when it is placed. Amounts in minor units."""

    user_id: UUID | None
    guest_token_hash: str | None = None
    email: str
    locale: str
    cart_id: UUID
    cart_fingerprint: str
    currency: str
    subtotal_amount: int
    discount_amount: int
    shipping_amount: int
    tax_amount: int
    total_amount: int
    shipping_address: Json
    billing_address: Json
    shipping_method: str
    shipping_method_name: str
    shipping_estimate: str
    delivery_date: date | None
    gift_message: str | None


def place(session: Session, placement: Placement, lines: Sequence[Line], *, hold: timedelta) -> Order:
    """Write a pending order with its lines; it is kept for `hold`. The stock is the caller's to reserve."""
    number, moment = _free_number(session)
    order = Order(
        id=new_id(), number=number, placed_at=moment, hold_until=moment + hold, **_fields(placement)
    )
    order.lines = [
        OrderLine(
            position=position,
            currency=placement.currency,
            line_total_amount=line.unit_price_amount * line.quantity,
            **asdict(line),
        )
        for position, line in enumerate(lines)
    ]
    session.add(order)
    session.flush()
    return order


def _fields(placement: Placement) -> dict[str, Any]:
    return {name: getattr(placement, name) for name in Placement.__slots__}


def _free_number(session: Session) -> tuple[str, datetime]:
    """ORD-YYYYMMDD and six random characters, drawn again while taken, and the database's moment.

    It is the moment of this statement: the cart's lock is had by now, and so its last change is older.
    """
    while True:
        suffix = "".join(secrets.choice(CROCKFORD) for _ in range(6))
        drawn, moment, is_taken = session.execute(_number(), {"suffix": suffix}).one()
        if not is_taken:
            return drawn, moment


@cache
def _number() -> Select[str, datetime, bool]:
    number = func.concat("ORD-", func.to_char(func.now(), "YYYYMMDD"), "-", bindparam("suffix", type_=Text))
    taken = select(Order.id).where(Order.number == number).exists()
    return select(number, func.clock_timestamp(), taken)
