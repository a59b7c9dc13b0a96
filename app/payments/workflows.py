"""Opening a payment at its provider."""

from datetime import timedelta
from uuid import UUID

from app.events.claims import Claim
from app.payments import queries
from app.payments.errors import GatewayUnavailable
from app.payments.gateway.protocol import Gateway, PaymentRequest, ProviderPayment
from app.payments.services import payments
from app.platform.db import transaction

LISTED_AFTER = timedelta(seconds=60)
"""How old an unanswered opening must be before the provider's list is believed to lack its object."""
CLOCK_SKEW = timedelta(hours=1)
"""How far the provider's clock may be from ours when its list is asked for what was made since."""


def open_payment(claim: Claim, *, payment_id: UUID, gateway: Gateway) -> None:
    """Have the provider make what the buyer pays. Safe to repeat: key and parameters are the row's."""
    with transaction() as session:
        claim.check(session)
        payment = queries.get(session, payment_id)
        request, sent_for = payments.request_to_open(payment), payments.sent_for(session, payment)
        if request is None:
            claim.finish(session)
            return
    try:
        seen = gateway.open(request)  # a lost reply is repeated with the same key
    except GatewayUnavailable:
        # A failure may be kept under our key, to be repeated for ever; the object can be there all the same.
        if sent_for < LISTED_AFTER:
            raise
        found = gateway.find_by_payment(payment_id, since=payment.created_at - CLOCK_SKEW)
        if found is None:
            raise
        seen = found
    _record(claim, payment_id, seen)


def open_now(claim: Claim, request: PaymentRequest, *, payment_id: UUID, gateway: Gateway) -> None:
    """The same for who has just written the payment, and holds its claim."""
    _record(claim, payment_id, gateway.open(request))


def _record(claim: Claim, payment_id: UUID, seen: ProviderPayment) -> None:
    with transaction() as session:
        claim.check(session)
        payment = payments.lock(session, payment_id)
        payments.record_opened(session, payment, seen)
        claim.finish(session)
