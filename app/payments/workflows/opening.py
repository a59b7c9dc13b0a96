"""Opening a payment at its provider."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from app.events.claims import Claim, ClaimLost
from app.payments import queries
from app.payments.errors import CounterBusy, GatewayRefused, GatewayUnavailable
from app.payments.gateway.protocol import Gateway, PaymentRequest, ProviderPayment
from app.payments.services import opening, payments
from app.payments.services.opening import CHARGED_WITHIN, LISTED_AFTER, Opening
from app.platform.db import transaction
from app.platform.logging import get_logger

if TYPE_CHECKING:  # for the hint
    from app.payments.models import Payment

log = get_logger("app.payments")
T = TypeVar("T")
Failures = tuple[type[Exception], ...]

NO_ANSWER: Failures = (GatewayUnavailable, GatewayRefused)

CLOCK_SKEW = timedelta(minutes=5)
"""How far the database's clock may be ahead of the provider's. More would cost a busy shop hundreds of calls.

What is missed by a clock that is farther off is not lost: its event, or the comparison of both books, finds
it by our id.
"""
NEAR = timedelta(seconds=10)
"""How far it is at most, nearly always."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What the provider has made, which may be paid already, and the payment as it was written after that."""

    seen: ProviderPayment
    payment: "Payment"


def open_payment(claim: Claim, *, payment_id: UUID, gateway: Gateway) -> None:
    """Have the provider make what the buyer pays. Safe to repeat: key and parameters are the row's."""
    with transaction() as session:
        claim.check(session)
        payment = queries.get(session, payment_id)
        request, sent_for = opening.request_to_open(payment), opening.sent_for(session, payment)
        if request is None or opening.renew_late_session(session, payment):
            claim.finish(session)
            return

    if request.pays_at_once and sent_for >= CHARGED_WITHIN:
        seen = _open_late(claim, payment, sent_for, gateway)
    else:
        seen = _open_or_find(claim, payment, request, sent_for, gateway)
    _record(claim, payment_id, seen)


def _open_or_find(
    claim: Claim, payment: "Payment", request: PaymentRequest, sent_for: timedelta, gateway: Gateway
) -> ProviderPayment:
    try:
        return _open(claim, payment.id, request, gateway)  # a lost reply is repeated with the same key
    except GatewayUnavailable:
        # A failure may be kept under our key, to be repeated for ever; the object can be there all the same.
        found = _find(payment, gateway) if sent_for >= LISTED_AFTER else None
        if found is None:
            raise
        return found


def _open_late(claim: Claim, payment: "Payment", sent_for: timedelta, gateway: Gateway) -> ProviderPayment:
    """What a call that charges at once has made; else the payment without a charge that nobody waits for."""
    if sent_for < LISTED_AFTER:
        raise GatewayUnavailable("a call that charges may still be under way")
    found = _find(payment, gateway)
    return found or _open(claim, payment.id, _otherwise(claim, payment.id, "not_in_time"), gateway)


def _find(payment: "Payment", gateway: Gateway) -> ProviderPayment | None:
    return find_made(gateway, payment.id, flow=payment.flow, sent_at=opening.sent_at(payment))


def find_made(gateway: Gateway, payment_id: UUID, *, flow: str, sent_at: datetime) -> ProviderPayment | None:
    """What the call that opens a payment has made, by the provider's list; None when it has made nothing.

    `sent_at`: when it was first sent. Nearly always it was that try, and so the minute after it is looked
    through first: what is sold meanwhile does not make that any longer. Then all that was made since, to this
    moment, since a worker repeats the call for as long as it has no answer.
    """
    since, until = sent_at - NEAR, sent_at + LISTED_AFTER
    near = gateway.find_by_payment(payment_id, flow=flow, since=since, until=until)
    return near or gateway.find_by_payment(payment_id, flow=flow, since=sent_at - CLOCK_SKEW)


def open_at_counter(mine: Opening, *, gateway: Gateway, backoff: timedelta) -> Opened | None:
    """Have the provider make what the buyer pays, or leave that to a worker; the payment stands anyway.

    The answer is None when a worker does it.
    """

    def work() -> Opened:
        seen = _open(mine.claim, mine.payment_id, mine.request, gateway)
        return Opened(seen, _record(mine.claim, mine.payment_id, seen))

    return at_counter(mine.claim, work, backoff=backoff)


def _open(claim: Claim, payment_id: UUID, request: PaymentRequest, gateway: Gateway) -> ProviderPayment:
    """Open it; without the saved method when the provider refuses that. Any other refusal is told."""
    try:
        return gateway.open(request)
    except GatewayRefused as refusal:
        if request.pays_at_once:
            return _open(claim, payment_id, _otherwise(claim, payment_id, refusal.code), gateway)
        with transaction() as session:
            claim.check(session)
            opening.note_refusal(session, payments.lock(session, payment_id), refusal.code)
        raise


def _otherwise(claim: Claim, payment_id: UUID, code: str) -> PaymentRequest:
    with transaction() as session:
        claim.check(session)
        return opening.fall_back(session, payments.lock(session, payment_id), code)


def at_counter(
    claim: Claim, work: Callable[[], T], *, backoff: timedelta, failures: Failures = ()
) -> T | None:
    """Do claimed work while a buyer waits, if the provider is likely to be quick; else a worker does it.

    None when it was left to a worker, because of a refusal, a silence or one of these `failures`.
    """
    try:
        return work()
    except CounterBusy:
        with transaction() as session:
            claim.hand_over(session)
    except NO_ANSWER + failures as error:
        log.warning("left_to_a_worker", consumer=claim.delivery.consumer, reason=str(error))
        with transaction() as session:
            claim.give_back(session, error=str(error), base=backoff)
    except ClaimLost:  # this request was frozen past its lease, and a worker has taken over
        pass
    return None


def _record(claim: Claim, payment_id: UUID, seen: ProviderPayment) -> "Payment":
    with transaction() as session:
        claim.finish(session)  # which checks it, too; nothing of this stands without the rest
        payment = payments.lock(session, payment_id)
        payments.record_opened(session, payment, seen)
    return payment
