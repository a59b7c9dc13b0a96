"""What is not sent after all, because its money goes back."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from app.fulfillment.errors import UnitsPacked
from app.fulfillment.services.standing import parcels_of, restate, sent_units
from app.fulfillment.states import PACKED
from app.orders.states import PACKED as ORDER_PACKED
from app.orders.states import PAID

if TYPE_CHECKING:  # for the hint; the models stay private to their package
    from app.orders.models import Order


def withhold(
    session: Session,
    order: "Order",
    units: Mapping[UUID, int],
    *,
    refunded: Mapping[UUID, int],
    came_back: Mapping[UUID, int],
    again: bool = False,
) -> None:
    """Never send these units, as far as they were not sent: their money is about to go back.

    `units` and `refunded`, what refunds were for before, by the order's line, with those of them that
    `came_back`: for these nothing was withheld. What is not packed yet comes first, then what is with the
    buyer. Raises UnitsPacked when neither are enough: what lies packed has to be unpacked first. `again`: a
    refund of them has failed, and withheld what it had to; more is only if not all that money goes back for
    was sent or is withheld. The caller has locked the order.
    """
    if order.status not in (PAID, ORDER_PACKED):
        return
    boxed = _boxed(session, order)
    free = {line.id: line.quantity - refunded.get(line.id, 0) - boxed.get(line.id, 0) for line in order.lines}
    short = [line_id for line_id, wanted in units.items() if wanted > free[line_id]]
    if short:
        raise UnitsPacked(
            "They lie in packed parcels: have these unpacked first.",
            lines=[{"line_id": str(line_id), "not_packed": free[line_id]} for line_id in short],
        )
    sent = sent_units(session, order.id) if again else came_back
    for line in (line for line in order.lines if line.id in units):
        # Units of a refund that has failed since were withheld for it.
        spare = line.withheld + sent.get(line.id, 0) - refunded.get(line.id, 0)
        line.withheld += min(line.unpacked, max(0, units[line.id] - max(0, spare)))
    restate(session, order)


def _boxed(session: Session, order: "Order") -> Mapping[UUID, int]:
    """Units in parcels that are packed and have not left, by line."""
    packed = [each for each in parcels_of(session, order.id) if each.status == PACKED]
    boxed: dict[UUID, int] = {}
    for content in (content for parcel in packed for content in parcel.contents):
        boxed[content.order_line_id] = boxed.get(content.order_line_id, 0) + content.quantity
    return boxed
