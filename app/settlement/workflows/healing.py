"""Settling one object that does not fit our books, and noting what came of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.events.claims import ClaimLost
from app.payments import queries as payment_queries
from app.payments import states as payment_states
from app.payments.errors import GatewayUnavailable
from app.payments.gateway.protocol import (
    PROCESSING,
    Event,
    ProviderDispute,
    ProviderPayment,
    ProviderRefund,
    WorkerGateway,
)
from app.payments.services import inbox, reviews
from app.platform import error_reports
from app.platform.db import transaction
from app.platform.errors import AppError, Expected
from app.platform.logging import get_logger
from app.settlement.services import Holds, Outcome, comparing, findings, returning
from app.settlement.services.comparing import Difference
from app.settlement.services.disputing import settle_dispute
from app.settlement.services.refunding import settle_refunds
from app.settlement.states import (
    CLOSED,
    DISAGREEING,
    DISPUTES,
    FAILED,
    HEALED,
    INTENTS,
    KEPT,
    NOTHING,
    ORPHANED,
    REFUNDS,
    REVIEWED,
    SESSIONS,
    SETTLED,
)
from app.settlement.workflows.observing import Guard, object_behind, observe
from app.settlement.workflows.reversing import settle_payment_of

log = get_logger("app.settlement")

NOT_ABOUT_THIS_OBJECT = (GatewayUnavailable, ClaimLost, OperationalError, PoolTimeout)
T = TypeVar("T")
Result = tuple[str, str]
"""Kind of finding, and what was done."""


@dataclass(frozen=True, slots=True)
class Healer:
    """Settles for one run; each transaction begins with the guard's check."""

    run_id: UUID
    guard: Guard
    gateway: WorkerGateway
    holds: Holds

    def heal(self, known: Difference[Any]) -> None:
        """Settle what the provider says of the object now; what is more is noted, and the others go on.

        Raises only what is not about this object: a provider that does not answer, a lost claim, no database.
        """
        if known.is_orphan:
            self._note(known, (ORPHANED, NOTHING))
            return
        try:
            _HEAL[known.book](self, known)
        except NOT_ABOUT_THIS_OBJECT:
            raise
        except Exception as error:  # one object that breaks us must not shield those behind it
            self.note_failure(known, error)

    def keep(self, events: Sequence[Event]) -> None:
        """Put events that never came into the inbox, as their webhooks would have."""
        with transaction() as session:
            self.guard.check(session)
            for event in events:
                if inbox.store(session, event):
                    findings.record(session, self.run_id, comparing.undelivered(event), HEALED, KEPT)

    def note_unread(self, book: str, error: Exception) -> None:
        """Note that one of the provider's lists cannot be read to its end, and why."""
        self._note(comparing.unread(book, str(error)), (DISAGREEING, FAILED))

    def note_failure(self, known: Difference[Any], error: Exception) -> None:
        """Note that this object could not be settled, and why."""
        error_reports.report(error)
        expected = isinstance(error, (AppError, Expected))
        log.error("healing_failed", object_id=known.object_id, exc_info=None if expected else error)
        reason = str(error) if isinstance(error, Expected) else type(error).__name__
        self._note(replace(known, theirs=reason[:100]), (DISAGREEING, FAILED))

    def _note(self, found: Difference[Any], result: Result) -> None:
        with transaction() as session:
            self.guard.check(session)
            findings.record(session, self.run_id, found, *result)


def _heal_payment(healer: Healer, known: Difference[ProviderPayment]) -> None:
    with transaction() as session:
        asked = (known.seen and object_behind(session, known.seen)) or known.object_id
    seen = healer.gateway.find(asked)
    with transaction() as session:
        healer.guard.check(session)
        found = _payment_difference(session, seen)
    if found is None:  # somebody was faster
        return

    def finish(session: Session, outcome: Outcome) -> None:
        result = _payment_result(session, seen, outcome)
        if result is not None:
            findings.record(session, healer.run_id, found, *result)

    observe(healer.guard, seen, gateway=healer.gateway, holds=healer.holds, finish=finish)


def _payment_difference(session: Session, seen: ProviderPayment) -> Difference[ProviderPayment] | None:
    return comparing.payment_difference(seen, payment_queries.behind(session, seen))


def _payment_result(session: Session, seen: ProviderPayment, outcome: Outcome) -> Result | None:
    """What came of settling; None when nothing was to be done, or an operator knows of it already."""
    payment = payment_queries.behind(session, seen)
    if payment is None:
        return ORPHANED, NOTHING
    if outcome is Outcome.APPLIED and _payment_difference(session, seen) is None:
        return HEALED, SETTLED
    is_over = payment.status in (payment_states.SUCCEEDED, payment_states.CANCELLED)
    if is_over and not seen.is_final and seen.status != PROCESSING:
        return HEALED, CLOSED  # nobody waits for it, and so it was closed before this
    if _payment_difference(session, seen) is None:
        return None
    if outcome is Outcome.APPLIED:
        return DISAGREEING, REVIEWED
    is_known = payment.status == payment_states.REVIEW or reviews.behind(session, payment, seen) is not None
    return None if is_known else (DISAGREEING, NOTHING)


def _heal_refund(healer: Healer, known: Difference[ProviderRefund]) -> None:
    """With all others of the same money: one that failed makes room for another."""
    seen = known.seen or healer.gateway.find_refund(known.object_id)
    settle_payment_of(healer.guard, seen.intent_id, gateway=healer.gateway, holds=healer.holds)
    fresh = healer.gateway.refunds_of(seen.intent_id) if seen.intent_id else [seen]
    _converge(healer, fresh, returning.differing_refunds, settle_refunds)


def _heal_dispute(healer: Healer, known: Difference[ProviderDispute]) -> None:
    seen = healer.gateway.find_dispute(known.object_id)
    settle_payment_of(healer.guard, seen.intent_id, gateway=healer.gateway, holds=healer.holds)
    _converge(healer, [seen], returning.differing_disputes, lambda session, _: settle_dispute(session, seen))


def _converge(
    healer: Healer,
    fresh: Sequence[T],
    differing: Callable[[Session, Sequence[T]], Mapping[str, Difference[T]]],
    settle: Callable[[Session, Sequence[T]], object],
) -> None:
    """Settle what was read just now; what differs no more is healed, the rest is for somebody to look at."""
    with transaction() as session:
        healer.guard.check(session)
        found = differing(session, fresh)
        settle(session, fresh)
        session.flush()
        left = differing(session, fresh)
        for object_id, each in found.items():
            result = (DISAGREEING, NOTHING) if object_id in left else (HEALED, SETTLED)
            findings.record(session, healer.run_id, each, *result)


_HEAL: dict[str, Callable[[Healer, Difference[Any]], None]] = {
    INTENTS: _heal_payment,
    SESSIONS: _heal_payment,
    REFUNDS: _heal_refund,
    DISPUTES: _heal_dispute,
}
