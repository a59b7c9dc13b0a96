"""Settling with calls to the provider between short transactions. Each is safe to repeat from its start."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Claim
from app.orders import services as orders
from app.orders.states import PENDING
from app.payments import queries as payment_queries
from app.payments.gateway.protocol import CANCELED, Gateway, ProviderPayment
from app.payments.services import inbox, payments
from app.payments.workflows import CLOCK_SKEW, LISTED_AFTER
from app.platform.db import now, transaction
from app.settlement import services
from app.settlement.errors import NotYet
from app.settlement.services import Holds, Outcome

PARKED_FOR = timedelta(hours=24)
"""How long an event of an unknown payment is tried again."""

if TYPE_CHECKING:  # for hints; the models stay private to their package
    from app.orders.models import Order

Finish = Callable[[Session, Outcome], None]


def process_event(claim: Claim, *, event_id: str, gateway: Gateway, holds: Holds) -> None:
    """Settle what a kept event of the provider is about. Unknown payments are tried again for a day."""

    def finish(session: Session, outcome: Outcome) -> None:
        inbox.close(session, event_id, outcome)
        if outcome is not Outcome.UNMATCHED or inbox.is_older_than(session, event_id, PARKED_FOR):
            claim.finish(session)

    with transaction() as session:
        claim.check(session)
        seen = inbox.payment_in(session, event_id)
        if seen is None:
            charge = inbox.charge_in(session, event_id)
            noted = charge is not None and payments.note_charge(session, charge)
            inbox.close(session, event_id, "applied" if noted else "ignored")
            claim.finish(session)
            return
        outcome = None if payment_queries.behind(session, seen) else Outcome.UNMATCHED
        if outcome is not None:
            finish(session, outcome)
    if outcome is None:
        seen = seen if seen.is_final else gateway.find(seen.provider_id)
        outcome = _observe(claim, seen, gateway=gateway, holds=holds, finish=finish)
    if outcome is Outcome.UNMATCHED:
        raise NotYet("no payment of ours is behind this event")


def confirm_payment(claim: Claim, *, payment_id: UUID, gateway: Gateway, holds: Holds) -> None:
    """Ask the provider about one payment and settle what it says."""
    with transaction() as session:
        claim.check(session)
        provider_id = payment_queries.get(session, payment_id).provider_id
        if provider_id is None:  # it is still being opened; what is found then is settled then
            claim.finish(session)
            return
    seen = gateway.find(provider_id)
    _observe(claim, seen, gateway=gateway, holds=holds, finish=lambda session, _: claim.finish(session))


def _observe(
    claim: Claim, seen: ProviderPayment, *, gateway: Gateway, holds: Holds, finish: Finish
) -> Outcome:
    """Settle; an object that nobody waits for is closed at the provider first, and settled again."""
    outcome = _settle(claim, seen, holds, finish)
    if outcome is Outcome.STRAY:
        outcome = _settle(claim, gateway.close(seen.provider_id), holds, finish)
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


@dataclass(frozen=True, slots=True)
class _Closing:
    """A payment that must be closed at the provider before its order may end."""

    payment_id: UUID
    provider_id: str | None
    created_at: datetime
    sent_for: timedelta


def close_payment(claim: Claim, *, order_id: UUID, reason: str, gateway: Gateway, holds: Holds) -> None:
    """End an order's payment at the provider, and only then the order: its stock is free, for `reason`.

    Whatever the provider decided first stands: paid becomes paid, processing keeps the hold. A provider that
    cannot be reached is asked again, until the hold is a day over; money that comes later is late money.
    """
    with transaction() as session:
        claim.check(session)
        closing = _begin_closing(session, order_id, reason, holds)
        if closing is None:
            claim.finish(session)
            return
    seen = _closed_at_provider(closing, gateway)
    with transaction() as session:
        claim.check(session)
        if seen is not None:
            services.settle(session, seen, holds=holds)
        order = orders.lock(session, order_id)
        in_review = order.payment_status == "review"
        if order.status == PENDING and (seen is None or seen.status == CANCELED or in_review):
            services.end(session, order, reason=reason)
        decided = not _must_end(session, order, reason)
        if decided:
            claim.finish(session)
    if not decided:
        raise NotYet("the provider has not decided about the payment")


def _must_end(session: Session, order: "Order", reason: str) -> bool:
    """An expiry is off when the hold was extended, unless the buyer asked for the end meanwhile."""
    asked = reason != "expired" or order.cancel_requested_at is not None
    return order.status == PENDING and (asked or order.hold_until <= now(session))


def _begin_closing(session: Session, order_id: UUID, reason: str, holds: Holds) -> _Closing | None:
    """What must be closed; None when there is nothing, because it is over, or not yet time, or ends here."""
    order = orders.lock(session, order_id)
    if not _must_end(session, order, reason):
        return None
    payment = payment_queries.closable_of_order(session, order_id)
    if payment is None or order.hold_until + holds.longest < now(session):
        services.end(session, order, reason=reason)
        return None
    sent_for = payments.sent_for(session, payment)
    return _Closing(payment.id, payment.provider_id, payment.created_at, sent_for)


def _closed_at_provider(closing: _Closing, gateway: Gateway) -> ProviderPayment | None:
    """The object as the provider left it; None when it never made one."""
    if closing.provider_id is not None:
        return gateway.close(closing.provider_id)
    if closing.sent_for < LISTED_AFTER:
        raise NotYet("the call that opens the payment may still be under way")
    found = gateway.find_by_payment(closing.payment_id, since=closing.created_at - CLOCK_SKEW)
    return found and gateway.close(found.provider_id)
