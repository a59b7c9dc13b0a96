"""Review rows: objects of the provider's that do not fit. Whoever writes one has locked order and payment."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from app.events.services import publish
from app.payments.errors import ReviewAmbiguous
from app.payments.events import ReviewDecided, ReviewLapsed
from app.payments.models import Payment, PaymentReview
from app.payments.states import ACCEPT, GIVE_BACK, MANUAL, REVIEW, SUCCEEDED
from app.platform import context
from app.platform.db import locked, now
from app.platform.errors import NotFound
from app.platform.ids import new_id

if TYPE_CHECKING:  # for the hint; the two do not know each other otherwise
    from app.payments.gateway.protocol import ProviderPayment


@dataclass(frozen=True, slots=True)
class Doubt:
    """What does not fit: the object, the fact, and the money that it is about in minor units."""

    concerns: str
    object_id: str
    intent_id: str | None
    reason: str
    amount: int
    currency: str


def open(session: Session, payment: Payment, doubt: Doubt) -> bool:
    """Keep a doubt about a payment; False when there is a row about this object already, decided or not."""
    known = select(PaymentReview.id).where(
        PaymentReview.payment_id == payment.id, PaymentReview.object_id == doubt.object_id
    )
    if session.scalars(known).first() is not None:
        return False
    row = PaymentReview(
        id=new_id(),
        order_id=payment.order_id,
        payment_id=payment.id,
        concerns=doubt.concerns,
        object_id=doubt.object_id,
        intent_id=doubt.intent_id,
        reason=doubt.reason,
        amount=doubt.amount,
        currency=doubt.currency,
    )
    session.add(row)
    session.flush()
    return True


def behind(session: Session, payment: Payment, seen: "ProviderPayment") -> PaymentReview | None:
    """The review of this very object, if there is or was one."""
    ours = [PaymentReview.intent_id == seen.provider_id] if seen.provider_id else []
    ours += [PaymentReview.object_id == seen.session_id] if seen.session_id else []
    found = select(PaymentReview).where(
        PaymentReview.payment_id == payment.id, PaymentReview.concerns == "payment", or_(*ours)
    )
    return session.scalars(found.order_by(PaymentReview.id).limit(1)).first()


def is_counted(session: Session, payment: Payment, review: PaymentReview, seen: "ProviderPayment") -> bool:
    """Whether what an object in review took is the payment's own money, or was decided in another review.

    A hosted page and its intent have a review each, when the page was seen before it had the intent.
    """
    if payment.status == SUCCEEDED and payment.provider_id == seen.provider_id:
        return True
    twin = select(PaymentReview.id).where(
        PaymentReview.payment_id == payment.id,
        PaymentReview.id != review.id,
        PaymentReview.concerns == "payment",
        PaymentReview.intent_id == seen.provider_id,
        PaymentReview.decision.in_((ACCEPT, GIVE_BACK)),
    )
    return session.scalars(twin.limit(1)).first() is not None


def lock(session: Session, review_id: UUID) -> PaymentReview:
    """The review, locked until the transaction ends; lock order and payment before. Raises NotFound."""
    statement = select(PaymentReview).where(PaymentReview.id == review_id)
    review = session.scalars(locked(statement)).one_or_none()
    if review is None:
        raise NotFound("There is no such review.")
    return review


def to_resolve(session: Session, payment_id: UUID, review_id: UUID | None) -> PaymentReview:
    """The review of a payment that is named, else the only open one, else the one that was decided last.

    Raises NotFound, and ReviewAmbiguous when several are open and none is named.
    """
    of_payment = select(PaymentReview).where(PaymentReview.payment_id == payment_id)
    if review_id is not None:
        of_payment = of_payment.where(PaymentReview.id == review_id)
    latest = PaymentReview.decided_at.desc().nulls_first()
    found = session.scalars(of_payment.order_by(latest, PaymentReview.id)).all()
    if not found:
        raise NotFound("There is no such review of this payment.")
    undecided = [each for each in found if each.decided_at is None]
    if len(undecided) > 1:
        raise ReviewAmbiguous(
            "Several objects of the provider's wait for a decision: name one by review_id.",
            reviews=[str(each.id) for each in undecided],
        )
    return found[0]


def decide(session: Session, review: PaymentReview, decision: str, note: str | None) -> None:
    """The review is over; whoever is at work is noted as the one who decided."""
    moment = now(session)
    review.decision = decision
    review.note = note
    review.decided_by = context.current("actor")
    review.decided_at = moment
    decided = ReviewDecided(
        order_id=review.order_id, payment_id=review.payment_id, review_id=review.id, decision=decision
    )
    publish(session, decided)
    session.flush()


def open_of_order(session: Session, order_id: UUID, *, payment_id: UUID | None = None) -> bool:
    """Whether anything of the order, or of this payment of it, waits for a decision."""
    waiting = select(PaymentReview.id).where(
        PaymentReview.order_id == order_id, PaymentReview.decided_at.is_(None)
    )
    if payment_id is not None:
        waiting = waiting.where(PaymentReview.payment_id == payment_id)
    return session.scalars(waiting.limit(1)).first() is not None


def lapse(session: Session, *, age: timedelta, limit: int) -> int:
    """Have the money of reviews given back that nobody has decided about for `age`; the answer is how many.

    Safe to run in parallel. A refund in doubt has nothing to give back, and is left. The rest of a transfer
    may come as long as the transfer itself.
    """
    old = (
        select(PaymentReview)
        .where(PaymentReview.decided_at.is_(None), PaymentReview.lapsed_at.is_(None))
        .where(PaymentReview.concerns == "payment", PaymentReview.opened_at < func.now() - age)
        .where(~_rest_may_come())
        .order_by(PaymentReview.id)
        .limit(limit)
    )
    due = session.scalars(locked(old, skip_locked=True)).all()
    for each in due:
        each.lapsed_at = now(session)
        lapsed = ReviewLapsed(order_id=each.order_id, payment_id=each.payment_id, review_id=each.id)
        publish(session, lapsed)
    return len(due)


def _rest_may_come() -> ColumnElement[bool]:
    """Whether a review's payment is a transfer that is in time still."""
    pay_until = func.to_timestamp(Payment.parameters["pay_until"].as_float())
    of_review = Payment.id == PaymentReview.payment_id, Payment.status == REVIEW
    return exists().where(*of_review, Payment.provider == MANUAL, pay_until > func.now())
