"""Opening a payment at its provider."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from app.events.claims import Claim, ClaimLost
from app.payments import queries
from app.payments.errors import CounterBusy, GatewayRefused, GatewayUnavailable
from app.payments.gateway.inline import InlineGateway
from app.payments.gateway.protocol import Gateway, ProviderPayment
from app.payments.services import opening, payments
from app.payments.services.opening import LISTED_AFTER, Opening
from app.platform.db import transaction
from app.platform.logging import get_logger

log = get_logger("app.payments")
T = TypeVar("T")
Failures = tuple[type[Exception], ...]

NO_ANSWER: Failures = (GatewayUnavailable, GatewayRefused)

CLOCK_SKEW = timedelta(hours=1)
"""How far the provider's clock may be from ours when its list is asked for what was made since."""


def open_payment(claim: Claim, *, payment_id: UUID, gateway: Gateway) -> None:
    """Have the provider make what the buyer pays. Safe to repeat: key and parameters are the row's."""
    with transaction() as session:
        claim.check(session)
        payment = queries.get(session, payment_id)
        request, sent_for = opening.request_to_open(payment), opening.sent_for(session, payment)
        if request is None or opening.renew_late_session(session, payment):
            claim.finish(session)
            return
    try:
        seen = gateway.open(request)  # a lost reply is repeated with the same key
    except GatewayUnavailable:
        # A failure may be kept under our key, to be repeated for ever; the object can be there all the same.
        if sent_for < LISTED_AFTER:
            raise
        since = payment.created_at - CLOCK_SKEW
        found = gateway.find_by_payment(payment_id, flow=payment.flow, since=since)
        if found is None:
            raise
        seen = found
    _record(claim, payment_id, seen)


def open_at_counter(mine: Opening, *, gateway: InlineGateway, backoff: timedelta) -> None:
    """Have the provider make what the buyer pays, or leave that to a worker; the payment stands anyway."""

    def work() -> None:
        _record(mine.claim, mine.payment_id, gateway.open(mine.request))

    at_counter(mine.claim, work, backoff=backoff)


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


def _record(claim: Claim, payment_id: UUID, seen: ProviderPayment) -> None:
    with transaction() as session:
        claim.finish(session)  # which checks it, too; nothing of this stands without the rest
        payments.record_opened(session, payments.lock(session, payment_id), seen)
