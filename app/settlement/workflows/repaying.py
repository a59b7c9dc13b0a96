"""Giving back what objects took that carry our ids and that no payment here is behind: an operator said so.

Safe to repeat: the provider is asked first what an object has taken, and what of it went back already.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from app.payments import queries as payment_queries
from app.payments.errors import FailureKept, GatewayRefused
from app.payments.gateway.protocol import CANCELED, Provider, ProviderPayment, RefundRequest
from app.payments.states import FAILED
from app.platform.db import transaction
from app.platform.money import Money
from app.settlement.services import findings
from app.settlement.services.refunding import STATUS
from app.settlement.states import CLOSED, INTENTS, NOTHING, REFUNDED, REFUNDS, SESSIONS

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.settlement.models import ReconciliationFinding

REFUSALS = (GatewayRefused, FailureKept)


@dataclass(frozen=True, slots=True)
class Repaid:
    """What became of an orphan. `money` went back just now; with a reason, `why`, it is what stays there."""

    action: str
    money: Money | None = None
    why: str | None = None


def repay_orphans(run_id: UUID, *, gateway: Provider) -> "Iterator[tuple[ReconciliationFinding, Repaid]]":
    """Give back what each orphan that a run came upon has taken; one that waits for money is closed.

    One after the other, each with what became of it, as it is asked for. Raises GatewayUnavailable when the
    provider does not answer: the others are left to the next run.
    """
    with transaction() as session:
        found = [each for each in findings.orphans(session, run_id) if each.book in _BOOKS]
    for orphan in sorted(found, key=lambda each: _BOOKS.index(each.book)):
        repaid = _repaid(orphan, gateway)
        went_back = repaid.money if repaid.action == REFUNDED else None
        with transaction() as session:
            findings.conclude(session, orphan, repaid.action, returned=went_back)
        yield orphan, repaid


_BOOKS = (SESSIONS, INTENTS, REFUNDS)
"""A page before its intent, which nobody may cancel alone. A refund is money that went back already."""


def _repaid(orphan: "ReconciliationFinding", gateway: Provider) -> Repaid:
    if orphan.book == REFUNDS:
        return Repaid(REFUNDED)
    try:
        seen = gateway.find(orphan.object_id)
        if why := _why_not_ours_to_touch(seen):
            return Repaid(NOTHING, orphan.money, why)
        return _undone(seen if seen.is_final else gateway.close(seen.object_id), gateway)
    except REFUSALS as refusal:
        return Repaid(NOTHING, orphan.money, str(refusal))


def _why_not_ours_to_touch(seen: ProviderPayment) -> str | None:
    """Asked anew: the comparison was a while ago."""
    if seen.payment_id is None or seen.order_id is None:
        return "it names no order of this shop"
    with transaction() as session:
        is_known = payment_queries.behind(session, seen) is not None
    return "a payment is behind it by now" if is_known else None


def _undone(seen: ProviderPayment, gateway: Provider) -> Repaid:
    if seen.status == CANCELED:
        return Repaid(CLOSED)
    if not seen.is_final:
        return Repaid(NOTHING, why=seen.status)
    return _given_back(seen, gateway)


def _given_back(seen: ProviderPayment, gateway: Provider) -> Repaid:
    intent_id = str(seen.provider_id)
    made = gateway.refunds_of(intent_id)
    gone = sum(each.amount for each in made if STATUS.get(each.status) != FAILED)
    left = Money(seen.amount_received - gone, seen.currency)
    if left.amount == 0:
        return Repaid(REFUNDED)
    # By how many refunds there are the same try has the same key, and one after a refund that failed has not.
    # Its metadata is none of ours: nobody here knows the refund either.
    asked = {"payment_intent": intent_id, "amount": left.amount, "metadata": {"orphan": intent_id}}
    try:
        refund = gateway.refund(RefundRequest(f"orphan:{intent_id}:{len(made)}", asked))
    except REFUSALS as refusal:
        return Repaid(NOTHING, left, str(refusal))
    if STATUS.get(refund.status) == FAILED:
        return Repaid(NOTHING, left, refund.failure_reason or refund.status)
    return Repaid(REFUNDED, left)
