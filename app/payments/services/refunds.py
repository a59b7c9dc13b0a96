"""Refund rows: money that goes back."""

from sqlalchemy.orm import Session

from app.events.services import publish
from app.payments.events import RefundOwed
from app.payments.models import Payment, Refund
from app.platform.ids import new_id


def owe(session: Session, payment: Payment, *, amount: int, currency: str, reason: str) -> Refund:
    """Record that money must go back. `reason` is for the timeline and the books; the payment is locked."""
    refund_id = new_id()
    payment.refunded_amount += amount
    refund = Refund(
        id=refund_id,
        order_id=payment.order_id,
        payment_id=payment.id,
        amount=amount,
        currency=currency,
        reason=reason,
        idempotency_key=f"refund:{refund_id}",
    )
    session.add(refund)
    publish(
        session,
        RefundOwed(
            order_id=payment.order_id,
            refund_id=refund_id,
            payment_id=payment.id,
            amount=refund.amount,
            currency=refund.currency,
            reason=reason,
        ),
    )
    return refund
