"""What is left to give back, by the provider's objects: a payment may have the money of several."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.payments import queries as payment_queries
from app.payments.states import BESIDE, FAILED

if TYPE_CHECKING:  # for the hint; the models stay private to their packages
    from app.payments.models import Payment


def left_by_object(session: Session, payment: "Payment") -> Mapping[str | None, int]:
    """What each object of a payment took and no refund is for; the payment's own is None, and the first.

    Another took what the first refund of it was for, which a review owed. Together they come to what the
    payment has left. The caller has locked the payment.
    """
    session.flush()
    found = payment_queries.refunds_of_order(session, payment.order_id)
    refunds = [each for each in found if each.payment_id == payment.id]
    taken: dict[str | None, int] = {}
    for each in refunds:
        if each.reason == BESIDE and each.intent_id is not None:
            taken.setdefault(each.intent_id, each.amount)
    left = {None: payment.captured_amount - sum(taken.values())} | taken
    for each in refunds:
        if each.status != FAILED:
            left[each.intent_id] = left.get(each.intent_id, 0) - each.amount
    return left
