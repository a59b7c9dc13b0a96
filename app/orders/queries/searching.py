"""Looking for orders by what is known of them, in pages that cost about the same whatever it is.

An order's id has the time at which it was placed: ids are the order of each list, and of each index here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, selectinload

from app.orders.models import NAMES, Order, OrderLine
from app.orders.queries.reading import SoldOrder, sold
from app.platform.db import Json
from app.platform.ids import first_id_at
from app.platform.pagination import Page, page_to

LOOKED_AT = 2_000
"""How many orders one page looks at, newest first."""
CLOCKS_APART = timedelta(hours=1)
"""An id is made before its order is placed, by another clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSearch:
    """What must be true of an order; None is not asked for. `name` are whole words of either address's name.

    With a `seller_id` it was paid, and has lines of theirs; the `sku` is of one of these then.
    """

    number: str | None = None
    email: str | None = None
    name: str | None = None
    sku: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    status: str | None = None
    payment_status: str | None = None
    seller_id: UUID | None = None

    @property
    def told(self) -> Json:
        """What is asked for, as JSON values."""
        asked = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: _plain(value) for name, value in asked.items() if value is not None}

    @classmethod
    def of(cls, told: Json) -> "OrderSearch":
        """The search that `told` was of."""
        times = {name: datetime.fromisoformat(told[name]) for name in told.keys() & _TIMES}
        return cls(**told | times)


_TIMES = {"since", "until"}


@dataclass(frozen=True, slots=True)
class Found:
    """The ids of some orders that fit, newest first, and beyond which order to go on looking, if at all."""

    ids: Sequence[UUID]
    go_on_after: UUID | None


def search(session: Session, wanted: OrderSearch, *, before: UUID | None, limit: int) -> Page[Order]:
    """Orders that fit with their lines, newest first.

    One page looks at 2,000 orders that the most telling of the conditions leaves; when few of them fit the
    others, it is short, and its cursor goes on.
    """
    found = matching(session, wanted, before=before, limit=limit)
    return page_to(orders_in(session, found.ids), found.go_on_after)


def of_seller(session: Session, wanted: OrderSearch, *, before: UUID | None, limit: int) -> Page[SoldOrder]:
    """The same for orders that were paid, with the lines of the search's seller."""
    assert wanted.seller_id is not None  # noqa: S101  # for the type; the caller is a seller
    found = matching(session, wanted, before=before, limit=limit)
    return page_to(sold(session, wanted.seller_id, found.ids), found.go_on_after)


def matching(session: Session, wanted: OrderSearch, *, before: UUID | None, limit: int) -> Found:
    """Which orders fit, as `search` looks for them."""
    looked_at = session.scalars(looking(wanted, before).limit(LOOKED_AT)).all()
    fitting = select(Order.id).where(Order.id == any_(_ids(looked_at)), *_conditions(wanted))
    ids = session.scalars(fitting.order_by(Order.id.desc()).limit(limit + 1)).all()
    if len(ids) > limit:
        return Found(ids[:limit], ids[limit - 1])
    return Found(ids, looked_at[-1] if len(looked_at) == LOOKED_AT else None)


def orders_in(session: Session, order_ids: Sequence[UUID]) -> Sequence[Order]:
    """These orders with their lines, in this order."""
    rows = session.scalars(
        select(Order).where(Order.id == any_(_ids(order_ids))).options(selectinload(Order.lines))
    )
    by_id = {order.id: order for order in rows}
    return [by_id[each] for each in order_ids]


def looking(wanted: OrderSearch, before: UUID | None) -> Select[UUID]:
    """The ids that the most telling condition leaves, each by an index of its own."""
    by_line = [
        column == value
        for column, value in ((OrderLine.sku, wanted.sku), (OrderLine.seller_id, wanted.seller_id))
        if value is not None
    ]
    telling = [each for each in _TELLS if getattr(wanted, each) is not None][:1]
    if by_line and telling not in (["number"], ["email"]):
        column: Any = OrderLine.order_id
        chosen = select(column).where(*by_line).distinct()
    else:
        column = Order.id
        chosen = select(column).where(*(_TELLS[each](wanted) for each in telling))
    return chosen.where(*_within(column, wanted, before)).order_by(column.desc())


def _within(column: Any, wanted: OrderSearch, before: UUID | None) -> Sequence[ColumnElement[bool]]:
    bounds = []
    if before is not None:
        bounds.append(column < before)
    if wanted.since is not None:
        bounds.append(column >= first_id_at(wanted.since - CLOCKS_APART))
    if wanted.until is not None:
        bounds.append(column < first_id_at(wanted.until + CLOCKS_APART))
    return bounds


def _conditions(wanted: OrderSearch) -> Sequence[ColumnElement[bool]]:
    """All of them, whichever was looked by."""
    conditions = [tells(wanted) for name, tells in _TELLS.items() if getattr(wanted, name) is not None]
    if wanted.since is not None:
        conditions.append(Order.placed_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Order.placed_at < wanted.until)
    if wanted.seller_id is not None:
        conditions.append(Order.paid_at.is_not(None))
    if wanted.seller_id is not None or wanted.sku is not None:
        conditions.append(_has_line(wanted))
    return conditions


def _has_line(wanted: OrderSearch) -> ColumnElement[bool]:
    line = select(OrderLine.id).where(OrderLine.order_id == Order.id)
    if wanted.seller_id is not None:
        line = line.where(OrderLine.seller_id == wanted.seller_id)
    if wanted.sku is not None:
        line = line.where(OrderLine.sku == wanted.sku)
    return line.exists()


_TELLS: dict[str, Any] = {
    "number": lambda wanted: Order.number == wanted.number.upper(),
    "email": lambda wanted: func.lower(Order.email) == wanted.email.lower(),
    "name": lambda wanted: NAMES.bool_op("@@")(func.plainto_tsquery(literal_column("'simple'"), wanted.name)),
    "payment_status": lambda wanted: Order.payment_status == wanted.payment_status,
    "status": lambda wanted: Order.status == wanted.status,
}
"""What leaves the fewest comes first."""


def _ids(values: Sequence[UUID]) -> Any:
    return bindparam(None, list(values), type_=ARRAY(Uuid), unique=True)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
