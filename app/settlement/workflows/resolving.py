"""Deciding a review: the provider's object is read anew, or closed, before anything is believed of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Claim
from app.orders import services as orders
from app.payments import states
from app.payments.gateway.protocol import Gateway, ProviderPayment
from app.payments.services import bank, payments, reviews
from app.platform.db import transaction
from app.settlement import services
from app.settlement.errors import NotResolvable, NotYet

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.payments.models import Payment


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of a review; `object_id` is None when the provider need not be asked."""

    review_id: UUID
    payment_id: UUID
    decision: str
    note: str | None
    object_id: str | None


def prepare(
    session: Session, payment_id: UUID, *, review_id: UUID | None, decision: str, note: str | None
) -> Decision:
    """A decision about a review that is named, or the only one. Raises NotFound, ReviewAmbiguous."""
    review = reviews.to_resolve(session, payment_id, review_id)
    asks = review.concerns == "payment" and review.decision is None
    return Decision(review.id, payment_id, decision, note, review.object_id if asks else None)


def ask(decision: Decision, gateway: Gateway) -> ProviderPayment | None:
    """The object as it is now; one that is to be given back takes no more money from now on."""
    if decision.object_id is None:
        return None
    if decision.decision == states.GIVE_BACK:
        return gateway.close(decision.object_id)
    return gateway.find(decision.object_id)


def carry_out(session: Session, decision: Decision, seen: ProviderPayment | None) -> "Payment":
    """Settle a decision in the caller's transaction; the payment as it is then. Raises NotResolvable."""
    review = reviews.to_resolve(session, decision.payment_id, decision.review_id)
    order = orders.lock(session, review.order_id)
    payment = payments.lock(session, review.payment_id)
    review = reviews.lock(session, review.id)
    seen = seen and bank.as_booked(session, payment, seen)
    services.resolve(session, order, payment, review, seen, decision=decision.decision, note=decision.note)
    return payment


def refund_review(claim: Claim, *, payment_id: UUID, review_id: UUID, gateway: Gateway) -> None:
    """Give back the money of a review that nobody has decided about. Safe to repeat from its start."""
    with transaction() as session:
        claim.check(session)
        decision = prepare(session, payment_id, review_id=review_id, decision=states.GIVE_BACK, note=None)
        if decision.object_id is None:
            claim.finish(session)
            return
    seen = ask(decision, gateway)
    with transaction() as session:
        claim.check(session)
        try:
            carry_out(session, decision, seen)
        except NotResolvable as error:
            if reviews.to_resolve(session, payment_id, review_id).decision is None:
                raise NotYet(error.detail) from error
        claim.finish(session)
