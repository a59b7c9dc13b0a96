"""Settling what the provider reports, or is asked about. Each is safe to repeat from its start."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Claim
from app.payments import queries as payment_queries
from app.payments.gateway.protocol import Gateway, ProviderPayment
from app.payments.services import inbox, payments
from app.platform.db import transaction
from app.settlement import services
from app.settlement.errors import NotYet
from app.settlement.services import Holds, Outcome

PARKED_FOR = timedelta(hours=24)
"""How long an event of an unknown payment is tried again."""

Finish = Callable[[Session, Outcome], None]


def process_event(claim: Claim, *, event_id: str, gateway: Gateway, holds: Holds) -> None:
    """Settle what a kept event of the provider is about.

    One that names a payment of ours which is not here is tried again for a day; one that names none is none
    of our business, whoever else uses the same account.
    """

    def finish(session: Session, outcome: Outcome) -> None:
        inbox.close(session, event_id, outcome)
        if outcome is not Outcome.UNMATCHED or inbox.is_older_than(session, event_id, PARKED_FOR):
            claim.finish(session)

    with transaction() as session:
        claim.check(session)
        seen = inbox.payment_in(session, event_id)
        object_id = _object_behind(session, seen) if seen else None
        if seen is None or (object_id is None and seen.payment_id is None):
            inbox.close(session, event_id, _note_charge(session, event_id))
            claim.finish(session)
            return
        if object_id is None:
            finish(session, Outcome.UNMATCHED)
    outcome = Outcome.UNMATCHED
    if object_id is not None:
        seen = seen if seen.is_final else gateway.find(object_id)
        outcome = _observe(claim, seen, gateway=gateway, holds=holds, finish=finish)
    if outcome is Outcome.UNMATCHED:
        raise NotYet("no payment of ours is behind this event")


def confirm_payment(claim: Claim, *, payment_id: UUID, gateway: Gateway, holds: Holds) -> None:
    """Ask the provider about one payment and settle what it says."""
    with transaction() as session:
        claim.check(session)
        object_id = payment_queries.get(session, payment_id).object_id
        if object_id is None:  # it is still being opened; what is found then is settled then
            claim.finish(session)
            return
    seen = gateway.find(object_id)
    _observe(claim, seen, gateway=gateway, holds=holds, finish=lambda session, _: claim.finish(session))


def _note_charge(session: Session, event_id: str) -> str:
    """Keep what a payment was paid with, if the event says it; what became of the event."""
    charge = inbox.charge_in(session, event_id)
    return "applied" if charge is not None and payments.note_charge(session, charge) else "ignored"


def _object_behind(session: Session, seen: ProviderPayment) -> str | None:
    """What to ask the provider about: the hosted session that an intent belongs to, else what was seen.

    None when no payment of ours is behind it.
    """
    known = payment_queries.behind(session, seen)
    if known is None:
        return None
    same = seen.provider_id is None or known.provider_id in (None, seen.provider_id)
    return known.session_id if known.session_id and same else seen.object_id


def _observe(
    claim: Claim, seen: ProviderPayment, *, gateway: Gateway, holds: Holds, finish: Finish
) -> Outcome:
    """Settle; an object that nobody waits for is closed at the provider first, and settled again."""
    outcome = _settle(claim, seen, holds, finish)
    if outcome is Outcome.STRAY:
        with transaction() as session:
            object_id = _object_behind(session, seen) or seen.object_id
        outcome = _settle(claim, gateway.close(object_id), holds, finish)
    if outcome is Outcome.STRAY:
        raise NotYet("the provider's object could not be closed")
    return outcome


def _settle(claim: Claim, seen: ProviderPayment, holds: Holds, finish: Finish) -> Outcome:
    with transaction() as session:
        claim.check(session)
        outcome = services.settle(session, seen, holds=holds)
        if outcome is not Outcome.STRAY:
            finish(session, outcome)
        return outcome
