"""Reviews: what does not fit is kept apart until somebody decides, and then accepted or given back."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.inventory.errors import OutOfStock
from app.orders import services as orders
from app.orders.states import CANCELLED, PENDING
from app.payments import queries as payment_queries
from app.payments import states
from app.payments.gateway.protocol import CANCELED, PROCESSING, SUCCEEDED, ProviderPayment, ProviderRefund
from app.payments.services import payments, refunds, reviews
from app.payments.services.reviews import Doubt
from app.platform.logging import get_logger
from app.pricing.errors import CouponUsedUp
from app.settlement.errors import NotResolvable
from app.settlement.services.ending import drop_payments, end
from app.settlement.services.holdings import have_again, sell
from app.settlement.services.outcomes import Outcome
from app.settlement.services.standing import restate

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment, PaymentReview

log = get_logger("app.settlement")

NEEDED = {"payment": "payment_needs_review", "refund": "refund_needs_review"}


def of_payment(seen: ProviderPayment, reason: str) -> Doubt:
    """The doubt about an object that takes money."""
    amount = seen.amount_received or seen.amount
    return Doubt("payment", seen.object_id, seen.provider_id, reason, amount, seen.currency)


def of_refund(seen: ProviderRefund, reason: str) -> Doubt:
    """The doubt about an object that gives money back."""
    return Doubt("refund", seen.provider_id, seen.intent_id, reason, seen.amount, seen.currency)


def open_review(
    session: Session, order: "Order", payment: "Payment", doubt: Doubt, *, hold: timedelta
) -> Outcome:
    """Accept nothing, keep the stock for `hold`, tell an operator; once for each object of the provider's."""
    if not reviews.open(session, payment, doubt):
        return Outcome.UNCHANGED
    log.error(
        NEEDED[doubt.concerns],
        order_id=str(order.id),
        payment_id=str(payment.id),
        object_id=doubt.object_id,
        reason=doubt.reason,
    )
    if doubt.concerns == "payment" and payment.status not in (states.SUCCEEDED, states.REVIEW):
        payments.move(payment, states.REVIEW)
    orders.open_review(session, order, payment_id=payment.id, reason=doubt.reason, hold=hold)
    return Outcome.APPLIED


def close(
    session: Session,
    order: "Order",
    payment: "Payment",
    review: "PaymentReview",
    *,
    decision: str,
    note: str | None = None,
) -> None:
    """Note a decision; when nothing else is open, payment and order leave the review, too."""
    reviews.decide(session, review, decision, note)
    still = reviews.open_of_order(session, order.id, payment_id=payment.id)
    if payment.status == states.REVIEW and not still:
        payments.record_cancelled(session, payment)
    if not reviews.open_of_order(session, order.id):
        live = payment_queries.live_of_order(session, order.id) if order.status == PENDING else None
        is_processing = live is not None and live.status == states.PROCESSING
        orders.close_review(order, is_processing=is_processing)
        if order.status != PENDING:
            restate(session, order)


def give_back(
    session: Session,
    order: "Order",
    payment: "Payment",
    review: "PaymentReview",
    seen: ProviderPayment,
    *,
    note: str | None = None,
) -> None:
    """Owe back what an object in review has taken. A pending order ends with it.

    Money that is in our books already, under the object's other name, is left as it is.
    """
    if reviews.is_counted(session, payment, review, seen):
        close(session, order, payment, review, decision=states.ENDED, note=note)
        return
    review.intent_id = seen.provider_id
    payment.captured_amount += seen.amount_received
    if order.status == PENDING:
        end(session, order, reason="expired" if review.lapsed_at else "admin")
    refunds.owe(
        session,
        payment,
        amount=seen.amount_received,
        currency=seen.currency,
        reason=states.BESIDE,
        note=note,
        intent_id=None if seen.provider_id == payment.provider_id else seen.provider_id,
    )
    close(session, order, payment, review, decision=states.GIVE_BACK, note=note)


def resolve(
    session: Session,
    order: "Order",
    payment: "Payment",
    review: "PaymentReview",
    seen: ProviderPayment | None,
    *,
    decision: str,
    note: str | None,
) -> None:
    """Carry out a decision about a review; all three are locked, `seen` was read or closed just now.

    The same decision again changes nothing. Raises NotResolvable for another one, or where it makes no sense.
    """
    if review.decision is not None:
        _same(review, decision)
    elif seen is None:
        _note_refund(session, order, payment, review, decision=decision, note=note)
    elif decision == states.ACCEPT:
        _accept(session, order, payment, seen)
        review.intent_id = seen.provider_id
        close(session, order, payment, review, decision=decision, note=note)
    elif seen.status == SUCCEEDED:
        give_back(session, order, payment, review, seen, note=note)
    elif seen.status == CANCELED:
        close(session, order, payment, review, decision=decision, note=note)
    elif seen.status == PROCESSING:
        raise NotResolvable("The provider is still working on the money: decide when it has come.")
    else:
        raise NotResolvable("The provider has not closed the object, which can still be paid: decide again.")


def _same(review: "PaymentReview", decision: str) -> None:
    if review.decision != decision:
        raise NotResolvable(f"It was decided before: {review.decision}.", decision=review.decision)


def _note_refund(
    session: Session,
    order: "Order",
    payment: "Payment",
    review: "PaymentReview",
    *,
    decision: str,
    note: str | None,
) -> None:
    if decision != states.ACCEPT:
        raise NotResolvable("This is about a refund: there is nothing to give back. Accept it as it is.")
    close(session, order, payment, review, decision=decision, note=note)


def _accept(session: Session, order: "Order", payment: "Payment", seen: ProviderPayment) -> None:
    """Take what has come as the order's payment; what is beyond its total goes back (`overpaid`)."""
    if reason := _why_not(order, payment, seen):
        raise NotResolvable(reason)
    if order.status == CANCELLED:
        _have_again(session, order)
    payments.adopt(session, payment, seen)
    payments.record_succeeded(session, payment, seen)
    orders.mark_paid(session, order, payment_id=payment.id)
    drop_payments(session, order)
    beyond = seen.amount_received - order.total_amount
    if beyond > 0:
        refunds.owe(session, payment, amount=beyond, currency=seen.currency, reason=states.OVERPAID)
    sell(session, order)


def _why_not(order: "Order", payment: "Payment", seen: ProviderPayment) -> str | None:
    """Why what has come cannot be this order's payment; None when it can."""
    facts = {
        "The order is paid already: refund what came beside that.": order.paid_at is not None,
        "Nothing was received: refund closes the object.": seen.status != SUCCEEDED,
        "The money is in another currency than the order.": seen.currency != order.currency,
        "The object names another order.": seen.order_id not in (None, order.id),
        "It is another object than the payment's.": _is_another(payment, seen),
        "Its buyer, or the shop, wants the order cancelled.": order.cancel_requested_at is not None,
        "The order is over.": order.status != PENDING and order.cancel_reason != "expired",
    }
    return next((reason for reason, applies in facts.items() if applies), None)


def _is_another(payment: "Payment", seen: ProviderPayment) -> bool:
    ids = ((payment.provider_id, seen.provider_id), (payment.session_id, seen.session_id))
    return any(ours is not None and theirs is not None and ours != theirs for ours, theirs in ids)


def _have_again(session: Session, order: "Order") -> None:
    """Reserve once more what an expired order has given back. Raises NotResolvable."""
    try:
        have_again(session, order)
    except OutOfStock as error:
        raise NotResolvable("The stock cannot be had any more: refund it.") from error
    except CouponUsedUp as error:
        raise NotResolvable("The coupon cannot be had any more: refund it.") from error
