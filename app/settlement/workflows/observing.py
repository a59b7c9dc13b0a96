"""Settling a payment as the provider says it is, or is asked about it. Safe to repeat from its start."""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Claim
from app.payments import queries as payment_queries
from app.payments.gateway.protocol import UNPAID, Gateway, ProviderPayment
from app.payments.states import OPEN
from app.platform.db import transaction
from app.settlement import services
from app.settlement.errors import NotYet
from app.settlement.services import Holds, Outcome

Finish = Callable[[Session, Outcome], None]
"""What belongs into the transaction that settles: the end of the work, if this is its end."""


class Guard(Protocol):
    """What each transaction of a work begins with: a claim, or whoever else may go on."""

    def check(self, session: Session) -> None:
        """Raise what ends the work, when it is not this process's any more."""


def confirm_payment(claim: Claim, *, payment_id: UUID, gateway: Gateway, holds: Holds) -> None:
    """Ask the provider about one payment and settle what it says."""
    with transaction() as session:
        claim.check(session)
        object_id = payment_queries.get(session, payment_id).object_id
        if object_id is None:  # it is still being opened; what is found then is settled then
            claim.finish(session)
            return
    seen = gateway.find(object_id)
    observe(claim, seen, gateway=gateway, holds=holds, finish=lambda session, _: claim.finish(session))


def is_known(session: Session, seen: ProviderPayment) -> bool:
    """Whether an intent waits to be paid there just as it does here: asking would tell nothing new."""
    if seen.status != UNPAID or seen.decline is not None:
        return False
    known = payment_queries.behind(session, seen)
    if known is None or known.status != OPEN:
        return False
    ours = (known.provider_id, known.session_id, known.order_id, known.amount, known.currency)
    return ours == (seen.provider_id, seen.session_id, seen.order_id, seen.amount, seen.currency)


def object_behind(session: Session, seen: ProviderPayment) -> str | None:
    """What to ask the provider about: the hosted session that an intent belongs to, else what was seen.

    None when no payment of ours is behind it.
    """
    known = payment_queries.behind(session, seen)
    if known is None:
        return None
    same = seen.provider_id is None or known.provider_id in (None, seen.provider_id)
    return known.session_id if known.session_id and same else seen.object_id


def observe(
    guard: Guard, seen: ProviderPayment, *, gateway: Gateway, holds: Holds, finish: Finish
) -> Outcome:
    """Settle; an object that nobody waits for is closed at the provider first, and settled again."""
    outcome = _settle(guard, seen, holds, finish)
    if outcome is Outcome.STRAY:
        with transaction() as session:
            object_id = object_behind(session, seen) or seen.object_id
        outcome = _settle(guard, gateway.close(object_id), holds, finish)
    if outcome is Outcome.STRAY:
        raise NotYet("the provider's object could not be closed")
    return outcome


def _settle(guard: Guard, seen: ProviderPayment, holds: Holds, finish: Finish) -> Outcome:
    with transaction() as session:
        guard.check(session)
        outcome = services.settle(session, seen, holds=holds)
        if outcome is not Outcome.STRAY:
            finish(session, outcome)
        return outcome
