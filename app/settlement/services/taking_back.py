"""Goods that came back: they are taken in, and exactly what was paid for them is owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from app.fulfillment import services as fulfillment
from app.fulfillment.services import Arrived
from app.fulfillment.states import RECEIVED
from app.payments.services.refunds import Units
from app.settlement.services.giving import (
    RefundWish,
    check_shelf,
    give_back,
    price_of_shipping,
    priced,
    put_on_shelf,
)
from app.settlement.services.reasons import RETURNED

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of a return, and whether its money goes back, and that for shipping with it."""

    arrived: Sequence[Arrived]
    refund: bool = True
    shipping: bool = False


def take_back(session: Session, return_id: UUID, *, seller_id: UUID | None, receipt: Receipt) -> None:
    """Take units of a return in, and owe what was paid for them. Repeating changes nothing.

    `seller_id` None may take everybody's. Units that were free owe nothing. Raises NotFound,
    IllegalTransition, Invalid, and what `give_back` does: then nothing has happened. Locks order, payment,
    reservations and stock.
    """
    order, row = fulfillment.lock_return(session, return_id, seller_id=seller_id)
    if row.status == RECEIVED:
        return
    fulfillment.receive(session, order, row, receipt.arrived)
    units = [Units(each.line_id, each.quantity, each.restock, came_back=True) for each in receipt.arrived]
    refund_id = _owe(session, order, units, shipping=receipt.shipping) if receipt.refund else None
    if refund_id is None:
        check_shelf(session, order, units)
        put_on_shelf(session, order, units, reference=row.id)
    row.refund_id = refund_id


def _owe(session: Session, order: "Order", units: Sequence[Units], *, shipping: bool) -> UUID | None:
    shipping_amount = price_of_shipping(session, order) if shipping else 0
    if not shipping_amount and not any(each.amount for each in priced(session, order, units)):
        return None
    wish = RefundWish(None, RETURNED, None, units, shipping_amount)
    refund = give_back(session, order, wish)
    session.flush()  # the return is about to refer to it, and no relationship says which is written first
    return refund.id
