"""Where refunds meet the provider: one function settles what it says about one, however that came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.orders import services as orders
from app.orders.states import CANCELLED
from app.payments import queries as payment_queries
from app.payments.gateway.protocol import ProviderRefund
from app.payments.services import payments, refunds
from app.payments.states import FAILED, PENDING, REFUND_MOVES, RETURNED
from app.platform.logging import get_logger
from app.settlement.errors import NotYet
from app.settlement.services import reviewing
from app.settlement.services.ending import owe_what_is_left
from app.settlement.services.outcomes import Outcome
from app.settlement.services.standing import restate

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment, Refund

log = get_logger("app.settlement")

STATUS = {"succeeded": RETURNED, "failed": FAILED, "canceled": FAILED}
"""The provider's word for how a refund ended; any other says that it has not."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One observation with the locked rows that it is about."""

    session: Session
    order: "Order"
    payment: "Payment"
    seen: ProviderRefund

    @property
    def status(self) -> str:
        return STATUS.get(self.seen.status, PENDING)


def settle_refund(session: Session, seen: ProviderRefund) -> Outcome:
    """Bring our books in line with the provider's refund. Repeating changes nothing, in any order.

    Ours is known by the provider's id, else by our id in its metadata; any other of a payment of ours was
    made in the provider's dashboard, and is kept. UNMATCHED: none of our payments is behind it. Raises NotYet
    while our books have no room for it: its payment is not settled, or another of its refunds has failed or
    was refused, and we have not heard. Locks order, payment and refund until the transaction ends.
    """
    payment = _payment_behind(session, seen)
    if payment is None:
        return Outcome.UNMATCHED
    order = orders.lock(session, payment.order_id)
    case = _Case(session, order, payments.lock(session, payment.id), seen)
    known = payment_queries.refund_behind(session, seen)
    if known is None:
        return _settle_found(case)
    refund = refunds.lock(session, known.id)
    if reason := _mismatch(case, refund):
        return _review(case, reason, refund)
    return _settle_ours(case, refund)


def settle_refunds(session: Session, seen: Sequence[ProviderRefund]) -> Outcome:
    """Settle several of one payment: those first that failed, because they make room. Raises NotYet.

    APPLIED when any of them was, else what became of the last.
    """
    in_order = sorted(seen, key=lambda each: STATUS.get(each.status) != FAILED)
    outcomes = [settle_refund(session, each) for each in in_order] or [Outcome.UNCHANGED]
    return Outcome.APPLIED if Outcome.APPLIED in outcomes else outcomes[-1]


def fail(session: Session, order: "Order", payment: "Payment", refund: "Refund", *, code: str) -> None:
    """The money does not go back, or no longer; all three are locked. Operators are told."""
    refunds.move(payment, refund, FAILED)
    refunds.record_failed(session, refund, code)
    log.error("refund_failed", order_id=str(order.id), refund_id=str(refund.id), reason=code)
    restate(session, order)


def _payment_behind(session: Session, seen: ProviderRefund) -> "Payment | None":
    known = payment_queries.refund_behind(session, seen)
    if known is not None:
        return payment_queries.get(session, known.payment_id)
    return payment_queries.of_intent(session, seen.intent_id) if seen.intent_id else None


def _settle_found(case: _Case) -> Outcome:
    """Made in the dashboard: it happened, whatever we think of it, and it counts like one of ours."""
    if case.seen.currency != case.payment.currency:
        return _review(case, "refund_currency")
    if case.status == FAILED:
        found = refunds.record_found(case.session, case.payment, case.seen, status=FAILED)
        refunds.record_failed(case.session, found, _code(case.seen))
        return Outcome.APPLIED
    if not _has_room(case):
        return _review(case, "refund_amount")
    found = refunds.record_found(case.session, case.payment, case.seen, status=PENDING)
    _converge(case, found)
    return Outcome.APPLIED


def _settle_ours(case: _Case, refund: "Refund") -> Outcome:
    if refund.provider_id is None:
        if refund.status == FAILED and case.status != FAILED and not _has_room(case):
            return _review(case, "refund_amount", refund)
        refunds.adopt(case.session, refund, case.seen.provider_id)
    elif refund.status == FAILED or case.status not in REFUND_MOVES[refund.status]:
        return Outcome.UNCHANGED
    if case.status in REFUND_MOVES[refund.status]:
        _converge(case, refund)
    return Outcome.APPLIED


def _converge(case: _Case, refund: "Refund") -> None:
    if case.status == FAILED:
        _take_back(case, refund)
        return
    if refund.status != case.status:
        refunds.move(case.payment, refund, case.status)
    if case.status == RETURNED:
        refunds.record_succeeded(case.session, refund)
        restate(case.session, case.order)


def _take_back(case: _Case, refund: "Refund") -> None:
    """One of the dashboard's has nobody here who would retry it: what an order that is over keeps is owed."""
    session, order = case.session, case.order
    fail(session, order, case.payment, refund, code=_code(case.seen))
    is_over = order.status == CANCELLED and not payment_queries.is_disputed(session, order.id)
    if refund.source == "provider" and is_over:
        session.flush()
        owe_what_is_left(session, order)


def _code(seen: ProviderRefund) -> str:
    return seen.failure_reason or seen.status


def _has_room(case: _Case) -> bool:
    """Whether it fits into what was taken and does not go back yet. Raises NotYet while that may change."""
    payment = case.payment
    if case.seen.amount <= payment.captured_amount - payment.refunded_amount:
        return True
    if payment.captured_amount == 0 or payment.refunded_amount > 0:
        # The provider never gives back more than it took: one of those that count here does not count there.
        raise NotYet("our books have no room yet for a refund that the provider has made")
    return False


def _mismatch(case: _Case, refund: "Refund") -> str | None:
    """Which fact of the provider's does not fit our row; None when all do."""
    seen = case.seen
    facts = {
        "refund_amount": seen.amount == refund.amount,
        "refund_currency": seen.currency == refund.currency,
        "refund_intent": seen.intent_id in (None, refund.intent_id or case.payment.provider_id),
        "refund_order": seen.order_id in (None, refund.order_id),
    }
    return next((name for name, fits in facts.items() if not fits), None)


def _review(case: _Case, reason: str, refund: "Refund | None" = None) -> Outcome:
    """Accept nothing and tell an operator, once: the row remembers what was wrong with it."""
    order, payment = case.order, case.payment
    if refund is not None:
        if refund.failure_reason == reason:
            return Outcome.UNCHANGED
        refund.failure_reason = reason
    doubt = reviewing.of_refund(case.seen, reason)
    return reviewing.open_review(case.session, order, payment, doubt, hold=timedelta())
