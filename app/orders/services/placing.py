"""Writing a new order down."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Interval, Select, Text, bindparam, column, func, select, true
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from app.orders.models import Order, OrderLine
from app.orders.states import PENDING
from app.platform.db import Json, table_of
from app.platform.ids import new_id

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Line:
    """What is bought of one variant; amounts in minor units of the order's currency.

    `discount_amount` and `tax_amount` are of all its units. `image` is the key of its product's picture.
    """

    product_id: UUID
    variant_id: UUID
    seller_id: UUID
    sku: str
    name: str
    image: str | None
    quantity: int
    unit_price_amount: int
    discount_amount: int = 0
    tax_amount: int = 0
    tax_basis_points: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Everything about an order that is known when it is placed. Amounts in minor units."""

    user_id: UUID | None
    guest_token_hash: str | None = None
    email: str
    locale: str
    cart_id: UUID
    cart_fingerprint: str
    coupon_code: str | None = None
    currency: str
    subtotal_amount: int
    discount_amount: int
    shipping_amount: int
    tax_amount: int
    total_amount: int
    prices_include_tax: bool = False
    shipping_discount_amount: int = 0
    shipping_tax_amount: int = 0
    shipping_tax_basis_points: Decimal = Decimal(0)
    tax_number: str | None = None
    shipping_address: Json
    billing_address: Json
    shipping_method: str
    shipping_method_name: str
    shipping_estimate: str
    pickup_store: Json | None = None
    delivery_date: date | None
    gift_message: str | None


def place(session: Session, placement: Placement, lines: Sequence[Line], *, hold: timedelta) -> Order:
    """Write a pending order with its lines; it is kept for `hold`. The stock is the caller's to reserve.

    Its moment is that of the statement: the cart's lock is had by now, and so its last change is older. The
    answer is a copy: whoever changes the order locks it.
    """
    facts = _fields(placement) | {"id": new_id()}
    bought = [
        _fields(line)
        | {
            "id": new_id(),
            "position": position,
            "line_total_amount": line.unit_price_amount * line.quantity,
        }
        for position, line in enumerate(lines)
    ]
    drawn = _written(session, {f"its_{name}": fact for name, fact in facts.items()}, bought, hold)
    order = Order(**facts, **_AT_FIRST, **drawn)
    order.lines = [OrderLine(order_id=order.id, currency=order.currency, **line) for line in bought]
    return order


_AT_FIRST: Json = {
    "status": PENDING,
    "payment_status": "unpaid",
    "fulfillment_status": "unfulfilled",
    "parcels": [],
}


def _fields(fact: Placement | Line) -> Json:
    return {name: getattr(fact, name) for name in fact.__slots__}


def _written(session: Session, order: Json, lines: Sequence[Json], hold: timedelta) -> Json:
    """The number, ORD-YYYYMMDD and six random characters, drawn again while taken, and the moments."""
    while True:
        suffix = "".join(secrets.choice(CROCKFORD) for _ in range(6))
        drawn = {"suffix": suffix, "lines": lines, "hold": hold}
        row = session.execute(_writing(), order | drawn).mappings().one_or_none()
        if row is not None:
            return dict(row)


@cache
def _writing() -> Select[Any]:
    """Order and lines in one statement; no row when the number is taken."""
    orders = table_of(Order).c
    moment = select(func.clock_timestamp().label("moment")).subquery("clock").c.moment
    number = func.concat("ORD-", func.to_char(func.now(), "YYYYMMDD"), "-", bindparam("suffix", type_=Text))
    values = {
        "number": number,
        "placed_at": moment,
        "hold_until": moment + bindparam("hold", type_=Interval),
        **{name: bindparam(f"its_{name}", type_=orders[name].type) for name in ("id", *Placement.__slots__)},
    }
    written = insert(table_of(Order)).from_select(list(values), select(*values.values()))
    new = written.on_conflict_do_nothing(index_elements=["number"])
    told = (orders.number, orders.placed_at, orders.hold_until, orders.updated_at)
    placed = new.returning(*told, orders.id, orders.currency).cte("placed")
    return select(*(placed.c[each.name] for each in told)).add_cte(_lining(placed))


def _lining(placed: CTE) -> CTE:
    lines = table_of(OrderLine)
    own = [lines.c[name] for name in (*Line.__slots__, "id", "position", "line_total_amount")]
    sent = func.jsonb_to_recordset(bindparam("lines", type_=JSONB))
    row = sent.table_valued(*(column(each.name, each.type) for each in own)).render_derived(
        name="line", with_types=True
    )
    values = {"order_id": placed.c.id, "currency": placed.c.currency, **dict(row.c)}
    each = select(*values.values()).select_from(placed.join(row, true()))
    return insert(lines).from_select(list(values), each).cte("lined")
