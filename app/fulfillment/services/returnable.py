"""How many units of an order may still be sent back."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.fulfillment.models import Return
from app.fulfillment.services.standing import parcels_of
from app.fulfillment.states import DELIVERED, GONE
from app.payments import queries as payment_queries
from app.platform.db import now

if TYPE_CHECKING:  # for the hint; the models stay private to their package
    from app.orders.models import Order


MOST_RETURNS = 50
"""How many returns an order's buyer may ask for: each makes mails, also one that is withdrawn again."""


def returnable(session: Session, order: "Order", *, period: timedelta | None) -> Mapping[UUID, int]:
    """Units of each line that were delivered, within the `period` if there is one, and are in no return.

    Whose money went back without a return need not come back; of these, units on their way count first.
    With a period, none can after MOST_RETURNS returns.
    """
    if period is not None and _returns(session, order) >= MOST_RETURNS:
        return dict.fromkeys((line.id for line in order.lines), 0)
    moment = now(session)
    sent: Counter[UUID] = Counter()
    there: Counter[UUID] = Counter()
    lately: Counter[UUID] = Counter()
    for parcel in parcels_of(session, order.id):
        inside = {each.order_line_id: each.quantity for each in parcel.contents}
        if parcel.status in GONE:
            sent.update(inside)
        if parcel.status == DELIVERED and parcel.delivered_at is not None:
            there.update(inside)
            lately.update(inside if period is None or parcel.delivered_at > moment - period else {})
    paid_back = _kept_without_paying(session, order)
    return {
        line.id: max(
            0,
            min(
                lately[line.id],
                there[line.id] - line.returned,
                sent[line.id] - line.returned - paid_back[line.id],
            ),
        )
        for line in order.lines
    }


def _returns(session: Session, order: "Order") -> int:
    """How many there are, whatever became of them."""
    return session.scalars(select(func.count()).where(Return.order_id == order.id)).one()


def _kept_without_paying(session: Session, order: "Order") -> Mapping[UUID, int]:
    """Units that were sent and stay with their buyer although their money went back."""
    refunded = payment_queries.refunded_units(session, order.id)
    came_back = payment_queries.refunded_units(session, order.id, that_came_back=True)
    return {
        line.id: max(0, refunded.get(line.id, 0) - came_back.get(line.id, 0) - line.withheld)
        for line in order.lines
    }
