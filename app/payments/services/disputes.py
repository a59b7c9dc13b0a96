"""Dispute rows: money that a buyer's bank takes back. Whoever writes one has locked order and payment."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events.services import publish
from app.payments.events import (
    DisputeLost,
    DisputeOpened,
    DisputeReinstated,
    DisputeWithdrawn,
    DisputeWon,
)
from app.payments.gateway.protocol import ProviderDispute
from app.payments.models import Dispute, Payment
from app.payments.states import DISPUTE_LOST, DISPUTE_OPEN, DISPUTE_STEPS, DISPUTE_WON
from app.platform.db import locked, now
from app.platform.ids import new_id
from app.platform.logging import get_logger

log = get_logger("app.payments")

CLOSED = {"won": DISPUTE_WON, "lost": DISPUTE_LOST, "warning_closed": DISPUTE_WON}
"""The provider's words for a dispute that was decided, and ours; it has more for open ones."""
PREVENTED = "prevented"
"""The buyer's bank was satisfied before it became a dispute: by an answer, or by the money."""


def record(session: Session, payment: Payment, seen: ProviderDispute) -> bool:
    """Bring a dispute about a payment in line with what the provider says; False when nothing is new.

    What was seen earlier than what is known changes nothing, in whichever order the two come here.
    """
    status = status_of(seen)
    dispute = session.scalars(
        locked(select(Dispute).where(Dispute.provider_id == seen.provider_id))
    ).one_or_none()
    if dispute is None:
        dispute = _open(session, payment, seen)
        known = None
    else:
        known = (dispute.status, dispute.withdrawn)
        if DISPUTE_STEPS.index((status, seen.withdrawn)) < DISPUTE_STEPS.index(known):
            return False
    facts = (seen.amount, seen.evidence_due_at) != (dispute.amount, dispute.evidence_due_at)
    dispute.amount, dispute.evidence_due_at = seen.amount, seen.evidence_due_at
    if seen.withdrawn:  # taken before it is decided, given back after that
        _move_money(session, dispute, withdrawn=True)
    _decide(session, dispute, status)
    _move_money(session, dispute, withdrawn=seen.withdrawn)
    session.flush()
    return facts or known != (status, seen.withdrawn)


def status_of(seen: ProviderDispute) -> str:
    """Our word for how a dispute of the provider stands."""
    if seen.status == PREVENTED:
        return DISPUTE_LOST if seen.withdrawn else DISPUTE_WON
    return CLOSED.get(seen.status, DISPUTE_OPEN)


def _open(session: Session, payment: Payment, seen: ProviderDispute) -> Dispute:
    dispute = Dispute(
        id=new_id(),
        order_id=payment.order_id,
        payment_id=payment.id,
        provider_id=seen.provider_id,
        status=DISPUTE_OPEN,
        reason=seen.reason,
        amount=seen.amount,
        currency=seen.currency,
        withdrawn=False,
        evidence_due_at=seen.evidence_due_at,
        opened_at=seen.created_at,
    )
    session.add(dispute)
    order_id = payment.order_id
    log.error("payment_disputed", order_id=str(order_id), dispute=seen.provider_id, reason=seen.reason)
    publish(
        session,
        DisputeOpened(
            order_id=order_id,
            dispute_id=dispute.id,
            payment_id=payment.id,
            amount=seen.amount,
            currency=seen.currency,
            reason=seen.reason,
        ),
    )
    return dispute


def _move_money(session: Session, dispute: Dispute, *, withdrawn: bool) -> None:
    if dispute.withdrawn == withdrawn:
        return
    dispute.withdrawn = withdrawn
    fact = DisputeWithdrawn if withdrawn else DisputeReinstated
    publish(
        session,
        fact(
            order_id=dispute.order_id,
            dispute_id=dispute.id,
            amount=dispute.amount,
            currency=dispute.currency,
        ),
    )


def _decide(session: Session, dispute: Dispute, status: str) -> None:
    if dispute.status == status:
        return
    moment = now(session)
    dispute.status, dispute.closed_at = status, moment
    fact = DisputeWon if status == DISPUTE_WON else DisputeLost
    publish(session, fact(order_id=dispute.order_id, dispute_id=dispute.id))
