"""Refund rows: money that goes back. Whoever writes one has locked its order and payment first."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events.services import publish
from app.payments import states
from app.payments.events import RefundFailed, RefundFound, RefundOwed, RefundSent, RefundSucceeded
from app.payments.gateway.protocol import ProviderRefund
from app.payments.models import Payment, Refund, RefundLine
from app.platform.db import locked, now
from app.platform.errors import NotFound
from app.platform.ids import new_id


@dataclass(frozen=True, slots=True)
class Units:
    """Units of an order's line that money is given back for, and whether they go back to the shelf.

    `came_back`: they had been sent. `amount` is what was charged for them, once that is reckoned.
    """

    line_id: UUID
    quantity: int
    restock: bool
    came_back: bool = False
    amount: int | None = None


def lock(session: Session, refund_id: UUID) -> Refund:
    """The refund, locked until the transaction ends; lock order and payment before. Raises NotFound."""
    refund = session.scalars(locked(select(Refund).where(Refund.id == refund_id))).one_or_none()
    if refund is None:
        raise NotFound("There is no such refund.")
    return refund


def owe(
    session: Session,
    payment: Payment,
    *,
    amount: int,
    currency: str,
    reason: str,
    note: str | None = None,
    intent_id: str | None = None,
    retry_of_id: UUID | None = None,
    units: Sequence[Units] = (),
    shipping_amount: int = 0,
) -> Refund:
    """Record that money must go back, which a worker then sends. `amount` is at most what is left.

    `reason` is a word for the timeline and the books, `note` a text for operators, `units` what it is for; to
    put them back on the shelf is the caller's. `shipping_amount` of it is for what sending had cost.
    """
    refund_id = new_id()
    payment.refunded_amount += amount
    refund = Refund(
        id=refund_id,
        order_id=payment.order_id,
        payment_id=payment.id,
        status=states.OWED,
        source="shop",
        amount=amount,
        shipping_amount=shipping_amount,
        currency=currency,
        reason=reason,
        note=note,
        intent_id=intent_id,
        retry_of_id=retry_of_id,
        idempotency_key=f"refund:{refund_id}",
        lines=[_line(each) for each in units],
    )
    session.add(refund)
    publish(session, _owed(refund))
    return refund


def _line(units: Units) -> RefundLine:
    return RefundLine(
        order_line_id=units.line_id,
        quantity=units.quantity,
        restock=units.restock,
        came_back=units.came_back,
        amount=units.amount,
    )


def _owed(refund: Refund) -> RefundOwed:
    return RefundOwed(
        order_id=refund.order_id,
        refund_id=refund.id,
        payment_id=refund.payment_id,
        amount=refund.amount,
        currency=refund.currency,
        reason=refund.reason,
    )


def record_found(session: Session, payment: Payment, seen: ProviderRefund, *, status: str) -> Refund:
    """Keep a refund that was made at the provider, not here; unless it has failed it counts from now on."""
    refund = Refund(
        id=new_id(),
        order_id=payment.order_id,
        payment_id=payment.id,
        status=status,
        source="provider",
        amount=seen.amount,
        currency=seen.currency,
        reason=states.FOUND,
        idempotency_key=f"provider:{seen.provider_id}",
        intent_id=seen.intent_id if seen.intent_id != payment.provider_id else None,
        provider_id=seen.provider_id,
    )
    if status != states.FAILED:
        payment.refunded_amount += refund.amount
    session.add(refund)
    found = RefundFound(
        order_id=payment.order_id,
        refund_id=refund.id,
        payment_id=payment.id,
        provider_id=seen.provider_id,
        amount=seen.amount,
        currency=seen.currency,
    )
    publish(session, found)
    return refund


def move(payment: Payment, refund: Refund, target: str) -> None:
    """The only writer of a refund's status; the payment's sum follows. The caller tells the fact."""
    states.check_refund_move(refund.status, target)
    if target == states.FAILED:
        payment.refunded_amount -= refund.amount
    elif refund.status == states.FAILED:
        payment.refunded_amount += refund.amount
    refund.status = target


def adopt(session: Session, refund: Refund, provider_id: str) -> None:
    """Tie a row to the provider's refund."""
    refund.provider_id = provider_id
    sent = RefundSent(
        order_id=refund.order_id,
        refund_id=refund.id,
        payment_id=refund.payment_id,
        provider_id=provider_id,
    )
    publish(session, sent)


def record_succeeded(session: Session, refund: Refund) -> None:
    """The money is back."""
    refund.succeeded_at = now(session)
    refund.failure_reason = refund.failed_at = None
    succeeded = RefundSucceeded(
        order_id=refund.order_id,
        refund_id=refund.id,
        payment_id=refund.payment_id,
        amount=refund.amount,
        currency=refund.currency,
    )
    publish(session, succeeded)


def record_failed(session: Session, refund: Refund, code: str) -> None:
    """The money does not go back, or came back to us."""
    refund.failed_at = now(session)
    refund.failure_reason = code
    failed = RefundFailed(
        order_id=refund.order_id, refund_id=refund.id, payment_id=refund.payment_id, code=code
    )
    publish(session, failed)
