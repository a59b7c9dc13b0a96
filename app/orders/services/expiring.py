"""Orders whose hold is over, many at a time."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    Update,
    Uuid,
    any_,
    bindparam,
    case,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.events.services import publish_all
from app.orders import states
from app.orders.events import OrderCancelled
from app.orders.models import Order
from app.platform.db import locked, table_of


class Due(NamedTuple):
    """An order whose hold is over, and since when."""

    id: UUID
    hold_until: datetime


def due(session: Session, *, limit: int) -> Sequence[Due]:
    """Pending orders past their hold whose end nobody has asked for yet, the longest over first.

    They are locked; those in use are skipped.
    """
    return [Due(*row) for row in session.execute(_due(), {"most": limit})]


@cache
def _due() -> Select[UUID, datetime]:
    order = table_of(Order).c
    asked = order.expiry_requested_at.is_(None) | (order.expiry_requested_at < order.hold_until)
    over = select(order.id, order.hold_until).where(
        order.status == states.PENDING, order.hold_until <= func.now(), asked
    )
    # By the hold, as the index has it: a batch of many thousands costs what a batch of few does.
    first = over.order_by(order.hold_until).limit(bindparam("most", type_=Integer))
    return locked(first, skip_locked=True)


def expiry_is_asked(order: Order) -> bool:
    """Whether somebody has asked for the end of this very hold: then `due` names the order no more."""
    return order.expiry_requested_at is not None and order.expiry_requested_at >= order.hold_until


def note_expiry_request(session: Session, order_ids: Sequence[UUID]) -> None:
    """Remember that the end of these orders' payments was asked for."""
    if order_ids:
        session.execute(_noting_request(), {"orders": order_ids})


@cache
def _noting_request() -> Update:
    asked = update(table_of(Order)).where(_among())
    return asked.values(expiry_requested_at=func.now(), updated_at=func.now())


def cancel_expired(session: Session, order_ids: Collection[UUID]) -> Sequence[UUID]:
    """End pending orders as `cancel` ends one; the caller has locked them, and gives back their stock.

    A wish to cancel goes before the expiry. Those that are not pending are left alone. The answer is which of
    those that have ended had a coupon, which is the caller's to give back, too.
    """
    states.check_move(states.PENDING, states.CANCELLED)
    ended: Sequence[Row[UUID, str, str | None]] = session.execute(
        _cancelling(), {"orders": list(order_ids)}
    ).all()
    publish_all(session, [OrderCancelled(order_id=row[0], reason=row[1], paid=False) for row in ended])
    return [row[0] for row in ended if row[2] is not None]


@cache
def _cancelling() -> ReturningUpdate[UUID, str, str | None]:
    order = table_of(Order)
    ended = update(order).where(_among(), order.c.status == states.PENDING)
    values = {
        "status": states.CANCELLED,
        "cancel_reason": func.coalesce(order.c.cancel_requested_reason, "expired"),
        "cancelled_at": func.now(),
        "payment_status": case(
            (order.c.payment_status == "processing", "unpaid"), else_=order.c.payment_status
        ),
        "updated_at": func.now(),
    }
    return ended.values(values).returning(order.c.id, order.c.cancel_reason, order.c.coupon_code)


def _among() -> ColumnElement[bool]:
    return table_of(Order).c.id == any_(bindparam("orders", type_=ARRAY(Uuid)))
