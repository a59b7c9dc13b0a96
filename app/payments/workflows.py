"""Opening a payment at its provider."""

from uuid import UUID

from app.events.claims import Claim
from app.payments import queries
from app.payments.gateway.protocol import Gateway, PaymentRequest
from app.payments.services import payments
from app.platform.db import transaction


def open_payment(claim: Claim, *, payment_id: UUID, gateway: Gateway) -> None:
    """Have the provider make what the buyer pays. Safe to repeat: key and parameters are the row's."""
    with transaction() as session:
        claim.check(session)
        request = payments.request_to_open(queries.get(session, payment_id))
        if request is None:
            claim.finish(session)
            return
    finish_opening(claim, request, payment_id=payment_id, gateway=gateway)


def finish_opening(claim: Claim, request: PaymentRequest, *, payment_id: UUID, gateway: Gateway) -> None:
    """The call itself, and noting its answer under the claim's token."""
    seen = gateway.open(request)  # a lost reply is repeated with the same key
    with transaction() as session:
        claim.check(session)
        payment = payments.lock(session, payment_id)
        payments.record_opened(session, payment, seen)
        claim.finish(session)
