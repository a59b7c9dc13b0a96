"""Giving money back at the provider. Safe to repeat from its start: key and amount are in the row."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Claim
from app.payments.errors import FailureKept, GatewayRefused
from app.payments.gateway.protocol import ProviderRefund, Refunds
from app.payments.services.opening import LISTED_AFTER
from app.platform.db import transaction
from app.settlement import services
from app.settlement.errors import NotYet
from app.settlement.services import Sending

Conclude = Callable[[Session], object]


def send_refund(claim: Claim, *, refund_id: UUID, gateway: Refunds) -> None:
    """Ask the provider for a refund that is owed, and settle its answer.

    As long as nothing is known the same call is repeated; once the provider may have forgotten its key, the
    refund is looked for in the provider's list instead, and asked for anew only when it is not there.
    """
    with transaction() as session:
        claim.check(session)
        sending = services.begin_sending(session, refund_id)
        if sending is None:
            claim.finish(session)
            return
    conclude = _ask(sending, gateway)
    with transaction() as session:
        claim.check(session)
        conclude(session)
        claim.finish(session)


def _ask(sending: Sending, gateway: Refunds) -> Conclude:
    """Ask the provider; the answer is what to do with its answer. Raises GatewayUnavailable and NotYet."""
    if not sending.may_be_repeated:
        return _looked_up(sending, gateway, code="not_made")
    try:
        seen = gateway.refund(sending.request)
    except FailureKept:
        return _looked_up(sending, gateway, code="provider_failed")
    except GatewayRefused as refusal:
        code, listed = refusal.code, _listed(sending, gateway)
        return lambda session: services.record_refused(session, sending.refund_id, code=code, listed=listed)
    return lambda session: services.settle_refund(session, seen)


def _looked_up(sending: Sending, gateway: Refunds, *, code: str) -> Conclude:
    found = [each for each in _listed(sending, gateway) if each.refund_id == sending.refund_id]
    if found:
        return lambda session: services.settle_refund(session, found[0])
    if sending.age < LISTED_AFTER:
        raise NotYet("the call that makes the refund may still be under way")
    return lambda session: services.record_never_made(session, sending.refund_id, code=code)


def _listed(sending: Sending, gateway: Refunds) -> Sequence[ProviderRefund]:
    try:
        return gateway.refunds_of(sending.intent_id)
    except GatewayRefused:  # it knows no such intent
        return ()
