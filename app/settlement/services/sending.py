"""Sending refunds: what the provider is asked for, and what follows from each way in which it may say no."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from app.events import queries as event_queries
from app.events.services import publish
from app.orders import services as orders
from app.payments import queries as payment_queries
from app.payments.events import RefundSendRequested
from app.payments.gateway.protocol import ProviderRefund, RefundRequest
from app.payments.services import payments, refunds
from app.payments.services.refunds import Units
from app.payments.states import OWED
from app.platform.db import now
from app.platform.logging import get_logger
from app.settlement.errors import NotYet
from app.settlement.services.leaving import left_by_object
from app.settlement.services.reasons import ASKED_FOR, PROVIDERS_WORD
from app.settlement.services.refunding import fail, settle_refund

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment, Refund

log = get_logger("app.settlement")

KEY_LIFETIME = timedelta(hours=23)
"""Stripe forgets a key after a day: past this, the same key may mean another refund."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A refund that is to be sent: the call, the intent that it is about, and for how long that is tried."""

    refund_id: UUID
    intent_id: str
    request: RefundRequest
    age: timedelta

    @property
    def may_be_repeated(self) -> bool:
        """Whether the provider still knows the key, if it has seen it."""
        return self.age < KEY_LIFETIME


def begin_sending(session: Session, refund_id: UUID) -> Sending | None:
    """What to ask the provider for, noted as sent from now on; None when it needs no sending any more.

    Commit before the call. Locks order, payment and refund. Raises NotYet while it is not known what took the
    money.
    """
    _, payment, refund = _locked(session, refund_id)
    if refund.status != OWED or refund.provider_id is not None:
        return None
    intent_id = refund.intent_id or payment.provider_id
    if intent_id is None:
        raise NotYet("the provider's object that took the money is not known")
    moment = now(session)
    refund.sent_at = refund.sent_at or moment
    request = RefundRequest(refund.idempotency_key, _parameters(refund, intent_id))
    return Sending(refund.id, intent_id, request, moment - refund.sent_at)


def record_refused(session: Session, refund_id: UUID, *, code: str, listed: Sequence[ProviderRefund]) -> None:
    """The provider said no, once and for all; `listed` are the refunds that it has of this intent.

    What was given back there without us is taken up. If nobody asked for the refund, what the intent has left
    of it then is owed in a new one; else an operator decides. Locks order, payment and refund.
    """
    if any(each.refund_id == refund_id for each in listed):
        _settle_what_fits(session, listed)
        return
    order, payment, refund = _locked(session, refund_id)
    if refund.status != OWED:
        return
    fail(session, order, payment, refund, code=code)
    _settle_what_fits(session, listed)
    left = left_by_object(session, payment).get(refund.intent_id, 0)
    if refund.reason not in ASKED_FOR and 0 < left < refund.amount:
        shipping = min(refund.shipping_amount, left)
        owe_again(session, payment, refund, amount=left, units=units_of(refund), shipping_amount=shipping)


def record_never_made(session: Session, refund_id: UUID, *, code: str) -> None:
    """The provider has not made the refund, and never will under its key: it is owed anew, under another."""
    order, payment, refund = _locked(session, refund_id)
    if refund.status == OWED:
        fail(session, order, payment, refund, code=code)
        owe_again(
            session,
            payment,
            refund,
            amount=refund.amount,
            units=units_of(refund),
            shipping_amount=refund.shipping_amount,
        )


def units_of(refund: "Refund") -> list[Units]:
    """What a refund was for. What was to be on the shelf again is there since the first try."""
    return [
        Units(each.line_id, each.quantity, restock=False, came_back=each.came_back, amount=each.amount)
        for each in refund.lines
    ]


def owe_again(
    session: Session,
    payment: "Payment",
    refund: "Refund",
    *,
    amount: int,
    units: Sequence[Units],
    shipping_amount: int,
) -> "Refund":
    """A new refund in the place of one that has failed; order, payment and that one are locked."""
    return refunds.owe(
        session,
        payment,
        amount=amount,
        currency=refund.currency,
        reason=refund.reason,
        note=refund.note,
        intent_id=refund.intent_id,
        retry_of_id=refund.id,
        units=units,
        shipping_amount=shipping_amount,
    )


def owe_sending(session: Session, *, limit: int = 100) -> int:
    """Have refunds sent that nobody was told to send, a release of long ago say; the answer is how many.

    What an operator has dropped is known, and stays so. Safe to run in parallel.
    """
    unsent = {str(each.id): each for each in payment_queries.unsent_refunds(session)}
    missing = event_queries.not_owed(session, consumer="settlement.send_refund", keys=unsent.keys())
    found = [each for name, each in unsent.items() if name in missing][:limit]
    for each in found:
        log.error("refund_without_work", order_id=str(each.order_id), refund_id=str(each.id))
        publish(session, RefundSendRequested(order_id=each.order_id, refund_id=each.id))
    return len(found)


def _locked(session: Session, refund_id: UUID) -> "tuple[Order, Payment, Refund]":
    found = payment_queries.refund(session, refund_id)
    order = orders.lock(session, found.order_id)
    return order, payments.lock(session, found.payment_id), refunds.lock(session, refund_id)


def _settle_what_fits(session: Session, listed: Sequence[ProviderRefund]) -> None:
    """Two refused refunds of ours must not wait for each other: the later one takes up what did not fit."""
    for each in listed:
        try:
            with session.begin_nested():
                settle_refund(session, each)
        except NotYet:
            continue


def _parameters(refund: "Refund", intent_id: str) -> Mapping[str, object]:
    """Exactly what follows from the row: repeating the call is the same call."""
    word = PROVIDERS_WORD.get(refund.reason)
    return {
        "payment_intent": intent_id,
        "amount": refund.amount,
        "metadata": {"refund_id": str(refund.id), "order_id": str(refund.order_id)},
    } | ({"reason": word} if word else {})
