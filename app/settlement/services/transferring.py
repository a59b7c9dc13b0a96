"""Settling a transfer that an operator has noted, which may be the rest of what came too short."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.orders.states import PENDING
from app.payments.gateway.protocol import ProviderPayment
from app.payments.services import reviews
from app.payments.states import ACCEPT
from app.settlement.services.reviewing import resolve
from app.settlement.services.settling import Holds, settle

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment, PaymentReview


def settle_transfer(
    session: Session, order: "Order", payment: "Payment", seen: ProviderPayment, *, holds: Holds
) -> None:
    """Settle what has come, as `settle` does; order and payment are locked.

    Once all parts of what came short are here, they pay the order without anybody's decision. Until then
    the review says how much has come. Repeating changes nothing.
    """
    review = reviews.behind(session, payment, seen)
    if review is None or review.decision is not None:
        settle(session, seen, holds=holds)
        return
    review = reviews.lock(session, review.id)
    review.amount = seen.amount_received
    if _is_complete(order, payment, review, seen):
        resolve(session, order, payment, review, seen, decision=ACCEPT, note="All of it has come.")


def _is_complete(order: "Order", payment: "Payment", review: "PaymentReview", seen: ProviderPayment) -> bool:
    is_wanted = order.status == PENDING and order.cancel_requested_at is None
    came_short = review.reason == "amount_received" and seen.provider_id == payment.provider_id
    return is_wanted and came_short and seen.amount_received == payment.amount
