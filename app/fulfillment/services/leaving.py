"""Whether goods of an order may leave the house, and which of them go into a parcel."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from app.fulfillment.errors import UnitsNotLeft
from app.fulfillment.models import Fulfillment
from app.orders.errors import IllegalTransition
from app.orders.states import PACKED, PAID
from app.payments import queries as payment_queries
from app.platform.errors import Invalid

if TYPE_CHECKING:  # for the hint; the models stay private to their package
    from app.orders.models import Order


def check_may_leave(session: Session, order: "Order", line_ids: Collection[UUID]) -> None:
    """Raise IllegalTransition unless units of these lines of the order, which is locked, may be sent now.

    What is said of the money is about lines for which something was charged.
    """
    if order.status not in (PAID, PACKED):
        reason: str | None = f"Nothing of an order that is {order.status} is packed or sent."
    else:
        reason = _why_kept(session, order, line_ids)
    if reason:
        raise IllegalTransition(reason, order_status=order.status)


def _why_kept(session: Session, order: "Order", line_ids: Collection[UUID]) -> str | None:
    """Why units of these lines of a paid order may not leave the house now; None when they may."""
    if order.finalized_at is None:
        return "Its parcels are not known yet."
    if order.payment_status == "review":
        return "The payment is being checked: an operator decides what becomes of the order."
    if payment_queries.is_disputed(session, order.id):
        return "The buyer's bank asks for the money back, or has got it."
    is_charged = any(order.charged(line) for line in order.lines if line.id in line_ids)
    if is_charged and not payment_queries.kept_of_order(session, order.id):
        return "All of the money has gone back, or goes back."
    return None


def chosen_units(
    order: "Order", parcel: Fulfillment, wanted: Mapping[UUID, int] | None
) -> Mapping[UUID, int]:
    """What goes into the parcel, by line: what is wanted, else all that its seller has left to pack.

    Raises UnitsNotLeft, and Invalid for lines that are not the seller's.
    """
    own = {line.id: line.unpacked for line in order.lines if line.seller_id == parcel.seller_id}
    if wanted is None:
        return {line_id: left for line_id, left in own.items() if left}
    if not wanted.keys() <= own.keys():
        errors = {"lines": ["Not lines of this parcel's seller."]}
        raise Invalid("Name lines of this order, each once.", errors=errors)
    short = [line_id for line_id, many in wanted.items() if many > own[line_id]]
    if short:
        raise UnitsNotLeft(
            "Not so many units are still to be packed.",
            lines=[{"line_id": str(line_id), "left": own[line_id]} for line_id in short],
        )
    return wanted
