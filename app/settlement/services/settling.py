"""Where money and orders meet: one function takes what the provider says, however it came, and settles it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from app.inventory.errors import OutOfStock
from app.orders import services as orders
from app.orders.states import CANCELLED, PENDING
from app.payments import queries as payment_queries
from app.payments import states
from app.payments.gateway.protocol import CANCELED, PROCESSING, SESSION, SUCCEEDED, ProviderPayment
from app.payments.services import bank, payments, refunds, reviews
from app.pricing.errors import CouponUsedUp
from app.settlement.services import reviewing
from app.settlement.services.ending import drop_payments, end
from app.settlement.services.holdings import have_again, sell
from app.settlement.services.outcomes import Outcome
from app.settlement.services.reasons import CALLED_OFF, UNAVAILABLE
from app.settlement.services.standing import restate

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment, PaymentReview
    from config import Settings

BANK_METHODS = frozenset({"us_bank_account", "sepa_debit", "bacs_debit", "au_becs_debit", "customer_balance"})


@dataclass(frozen=True, slots=True)
class Holds:
    """How long stock is kept while the provider works: for cards, for banks, and at the very longest."""

    card: timedelta
    bank: timedelta
    longest: timedelta


def holds_from(settings: "Settings") -> Holds:
    """The holds that the settings describe."""
    return Holds(settings.card_processing_hold, settings.bank_processing_hold, settings.longest_hold)


@dataclass(frozen=True, slots=True)
class _Case:
    """One observation with the locked rows that it is about."""

    session: Session
    order: "Order"
    payment: "Payment"
    seen: ProviderPayment
    holds: Holds


def settle(session: Session, seen: ProviderPayment, *, holds: Holds) -> Outcome:
    """Bring order, payment and stock in line with the provider's object. Repeating changes nothing.

    `seen` is final (succeeded, canceled) or was read from the provider just now. Locks order, payment,
    reservations, stock and coupon, in this order, until the transaction ends.
    """
    known = payment_queries.behind(session, seen)
    if known is None:
        return Outcome.UNMATCHED
    order = orders.lock(session, known.order_id)
    payment = payments.lock(session, known.id)
    case = _Case(session, order, payment, bank.as_booked(session, payment, seen), holds)
    reason = _mismatch(case)
    if reason or case.payment.status in (states.REVIEW, states.CANCELLED):
        if review := reviews.behind(session, case.payment, case.seen):
            return _settle_review(case, review)
        if reason or case.payment.status == states.REVIEW:
            return _review(case, reason or "beside_another")
    payments.adopt(session, case.payment, case.seen)
    return _SETTLE.get(case.seen.status, _settle_open)(case)


def _mismatch(case: _Case) -> str | None:
    """Which fact of the provider's does not fit ours; None when all do."""
    payment, seen = case.payment, case.seen
    facts = {
        "provider_id": _fits(payment.provider_id, seen.provider_id),
        "session_id": _fits(payment.session_id, seen.session_id),
        "flow": payment.flow == SESSION or seen.session_id is None,
        "order_id": seen.order_id in (None, payment.order_id),
        "currency": seen.currency == payment.currency,
        "amount": seen.amount == payment.amount,
        "amount_received": seen.status != SUCCEEDED or seen.amount_received == payment.amount,
    }
    return next((name for name, fits in facts.items() if not fits), None)


def _fits(ours: str | None, theirs: str | None) -> bool:
    """Whether two ids can be of one object, as long as either is not known."""
    return ours is None or theirs is None or ours == theirs


def _review(case: _Case, reason: str) -> Outcome:
    """Accept nothing, keep the stock, tell an operator. An object without money in it is left to its end.

    Nobody has to decide about an order that is not waiting any more: its review is settled at once.
    """
    order, payment = case.order, case.payment
    if case.seen.status == CANCELED:
        return Outcome.UNCHANGED
    doubt = reviewing.of_payment(case.seen, reason)
    outcome = reviewing.open_review(case.session, order, payment, doubt, hold=case.holds.longest)
    review = reviews.behind(case.session, payment, case.seen)
    if review is not None and order.status != PENDING and _settle_review(case, review) is Outcome.STRAY:
        return Outcome.STRAY
    return outcome


def _settle_review(case: _Case, review: "PaymentReview") -> Outcome:
    """An operator decides, while the order waits; once it has ended, nothing of it may be kept or taken."""
    if review.decision is not None:
        return Outcome.UNCHANGED
    if case.seen.status == CANCELED:
        reviewing.close(case.session, case.order, case.payment, review, decision=states.ENDED)
        return Outcome.APPLIED
    if case.order.status == PENDING or case.payment.status != states.REVIEW:
        return Outcome.UNCHANGED
    if case.seen.status == PROCESSING:
        return Outcome.UNCHANGED
    if case.seen.status != SUCCEEDED:
        return Outcome.STRAY
    reviewing.give_back(case.session, case.order, case.payment, review, case.seen)
    return Outcome.APPLIED


def _settle_succeeded(case: _Case) -> Outcome:
    session, order, payment = case.session, case.order, case.payment
    if payment.status == states.SUCCEEDED:
        return Outcome.UNCHANGED
    payments.record_succeeded(session, payment, case.seen)
    if order.status == PENDING and order.cancel_requested_at is None:
        orders.mark_paid(session, order, payment_id=payment.id)
        drop_payments(session, order)
        sell(session, order)
    elif order.status == PENDING:
        end(session, order, reason="buyer")
        _owe(case, CALLED_OFF)
    elif order.status == CANCELLED and order.cancel_reason == "expired" and order.erased_at is None:
        _revive(case)
    else:
        _owe(case, CALLED_OFF if order.status == CANCELLED else states.SURPLUS)
    return Outcome.APPLIED


def _revive(case: _Case) -> None:
    """Money after the hold had expired: have all that was held again and be paid, or owe the money back."""
    session, order = case.session, case.order
    try:
        have_again(session, order)
    except (OutOfStock, CouponUsedUp):
        orders.mark_unavailable(session, order)
        _owe(case, UNAVAILABLE)
    else:
        orders.mark_paid(session, order, payment_id=case.payment.id)
        sell(session, order)


def settle_nothing(session: Session, order_id: UUID) -> None:
    """An order whose total is 0 is paid as any other, without a payment. Its stock and coupon are reserved.

    Locks the order, then what it holds. Raises IllegalTransition unless it is pending.
    """
    order = orders.lock(session, order_id)
    orders.mark_paid(session, order, payment_id=None)
    sell(session, order)


def _owe(case: _Case, reason: str) -> None:
    seen = case.seen
    refunds.owe(
        case.session, case.payment, amount=seen.amount_received, currency=seen.currency, reason=reason
    )
    restate(case.session, case.order)


def _settle_canceled(case: _Case) -> Outcome:
    """The order goes on; whoever asked for the payment's end ends the order after it, for their reason."""
    if case.payment.status not in states.LIVE:
        return Outcome.UNCHANGED
    _stop_processing(case)
    payments.record_declined(case.session, case.payment, case.seen)  # a bank may have said why
    payments.record_cancelled(case.session, case.payment)
    return Outcome.APPLIED


def _stop_processing(case: _Case) -> None:
    """What the provider was doing came to nothing: a bank's days of waiting are over, too."""
    orders.await_payment(case.order)
    if case.payment.status == states.PROCESSING and case.payment.method_kind in BANK_METHODS:
        orders.hold_no_longer(case.session, case.order, than=case.holds.card)


def _settle_processing(case: _Case) -> Outcome:
    order, payment = case.order, case.payment
    if payment.status not in (states.CREATING, states.OPEN) or order.status != PENDING:
        return Outcome.UNCHANGED
    payments.record_processing(case.session, payment, case.seen)
    kind = case.seen.charge and case.seen.charge.kind
    by = case.holds.bank if kind in BANK_METHODS else case.holds.card
    orders.extend_hold(case.session, order, by=by)
    return Outcome.APPLIED


def _settle_open(case: _Case) -> Outcome:
    """Not paid yet: the buyer may try (again), unless nobody waits for this payment any more."""
    order, payment = case.order, case.payment
    wanted = order.status == PENDING and order.cancel_requested_at is None
    if payment.status not in states.LIVE or not wanted:
        return Outcome.STRAY
    if payment.status == states.PROCESSING:
        _stop_processing(case)
        payments.reopen(payment)
    payments.record_declined(case.session, payment, case.seen)
    return Outcome.APPLIED


_SETTLE = {SUCCEEDED: _settle_succeeded, CANCELED: _settle_canceled, PROCESSING: _settle_processing}
