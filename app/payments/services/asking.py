"""What is without an end here: which of it the provider is to be asked about now."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Update, exists, func, select, update
from sqlalchemy.orm import Session

from app.payments.models import Dispute, Payment, Refund
from app.payments.states import DISPUTE_OPEN, DISPUTE_WON, MANUAL, OPEN, PENDING, PROCESSING
from app.platform.db import locked

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from config import Settings


@dataclass(frozen=True, slots=True)
class Gaps:
    """How long a thing may be without an answer before it is asked about: doubled each time, to a longest."""

    first: timedelta
    longest: timedelta


def gaps_from(settings: "Settings") -> Gaps:
    """The gaps that the settings describe."""
    return Gaps(settings.ask_gap, settings.longest_ask_gap)


class Unanswered(NamedTuple):
    """A payment, refund or dispute whose end is open, and the provider's object behind it.

    `kind` is a payment's flow, `refund` or `dispute`.
    """

    kind: str
    object_id: str
    status: str
    payment_id: UUID
    order_id: UUID


def payments_to_ask(session: Session, gaps: Gaps, *, limit: int) -> list[Unanswered]:
    """Up to `limit` payments that are to be asked about now, those that wait longest first.

    Each is due again after its next gap, whatever comes of it. One that is still being opened is left to the
    work that opens it. Safe in parallel.
    """
    object_id = func.coalesce(Payment.session_id, Payment.provider_id)
    # Nobody but the shop itself knows of a transfer to its account.
    elsewhere = Payment.provider != MANUAL
    waiting = Payment.status.in_((OPEN, PROCESSING)) & object_id.is_not(None) & elsewhere
    taken = _take(Payment, waiting, gaps, limit)
    facts = taken.returning(Payment.flow, object_id, Payment.status, Payment.id, Payment.order_id)
    return [Unanswered(*row) for row in session.execute(facts)]


def refunds_to_ask(session: Session, gaps: Gaps, *, limit: int) -> list[Unanswered]:
    """Up to `limit` refunds that the provider works on; else as `payments_to_ask`."""
    elsewhere = exists().where(Payment.id == Refund.payment_id, Payment.provider != MANUAL)
    waiting = (Refund.status == PENDING) & Refund.provider_id.is_not(None) & elsewhere
    taken = _take(Refund, waiting, gaps, limit)
    facts = taken.returning(Refund.provider_id, Refund.status, Refund.payment_id, Refund.order_id)
    return [
        Unanswered("refund", row.provider_id, row.status, row.payment_id, row.order_id)
        for row in session.execute(facts)
    ]


def unfinished_disputes(session: Session, *, after: str | None, limit: int) -> list[Unanswered]:
    """Up to `limit` disputes that may still change, by the provider's ids, from beyond `after`.

    They are open, or won with the money still gone.
    """
    may_change = (Dispute.status == DISPUTE_OPEN) | ((Dispute.status == DISPUTE_WON) & Dispute.withdrawn)
    facts = select(Dispute.provider_id, Dispute.status, Dispute.payment_id, Dispute.order_id)
    page = facts.where(may_change, Dispute.provider_id > (after or "")).order_by(Dispute.provider_id)
    return [Unanswered("dispute", *row) for row in session.execute(page.limit(limit))]


def _take(table: type[Payment | Refund], waiting: ColumnElement[bool], gaps: Gaps, limit: int) -> Update:
    due_at = func.coalesce(table.ask_after, table.created_at + gaps.first)
    due = select(table.id).where(waiting, due_at <= func.now()).order_by(due_at, table.id).limit(limit)
    # Runs once as a CTE, so that the limit is one; no lock is waited for, so that no order of locks matters.
    free = locked(due, skip_locked=True).cte("free")
    next_gap = func.least(gaps.longest, gaps.first * func.power(2, func.least(table.asks + 1, 20)))
    values = {"asks": table.asks + 1, "ask_after": func.now() + next_gap}
    return update(table).where(table.id.in_(select(free.c.id))).values(values)
