"""Settling money that goes back, as an event hints at it: the provider is asked how it is now."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.events.claims import Claim
from app.payments import queries as payment_queries
from app.payments import states
from app.payments.errors import GatewayRefused
from app.payments.gateway.protocol import DISPUTE, Reported, Reversal
from app.platform.db import transaction
from app.settlement.services import Holds, Outcome
from app.settlement.services.disputing import settle_dispute
from app.settlement.services.refunding import settle_refunds
from app.settlement.workflows.observing import Finish, Guard, observe

Settle = Callable[[Session], Outcome]


def reverse(claim: Claim, reversal: Reversal, *, gateway: Reported, holds: Holds, finish: Finish) -> Outcome:
    """Settle a refund or dispute as it is now; before it, the payment whose money goes back.

    IGNORED when nothing of it is ours, UNMATCHED when it names something of ours that is not here.
    """
    outcome = settle_payment_of(claim, reversal.intent_id, gateway=gateway, holds=holds)
    if outcome is Outcome.IGNORED and reversal.is_ours:
        outcome = Outcome.UNMATCHED
    settle = None if outcome in (Outcome.IGNORED, Outcome.UNMATCHED) else _asked(reversal, gateway)
    with transaction() as session:
        claim.check(session)
        outcome = settle(session) if settle else outcome
        finish(session, outcome)
    return outcome


def settle_payment_of(guard: Guard, intent_id: str | None, *, gateway: Reported, holds: Holds) -> Outcome:
    """Money can only go back where it was taken: make sure that we know so, whatever came first."""
    if intent_id is None:
        return Outcome.IGNORED
    with transaction() as session:
        guard.check(session)
        known = payment_queries.of_intent(session, intent_id)
        if known is not None and known.status == states.SUCCEEDED:
            return Outcome.UNCHANGED
    try:
        seen = gateway.find(intent_id)
    except GatewayRefused:
        return Outcome.IGNORED
    if known is None and seen.payment_id is None:
        return Outcome.IGNORED
    return observe(guard, seen, gateway=gateway, holds=holds, finish=lambda *_: None)


def _asked(reversal: Reversal, gateway: Reported) -> Settle:
    """Ask the provider; the answer is what to do with its answer."""
    if reversal.kind == DISPUTE:
        dispute = gateway.find_dispute(reversal.object_id)
        return lambda session: settle_dispute(session, dispute)
    # All of them, so that one which failed makes room for another, whichever is heard of first.
    refunds = gateway.refunds_of(str(reversal.intent_id))
    return lambda session: settle_refunds(session, refunds)
