"""What operators wrote about an order's money is forgotten along with its buyer."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.payments.models import PaymentReview, Refund


def forget_notes(session: Session, order_id: UUID) -> None:
    """Forget what operators wrote to an order's refunds and reviews, which may name people.

    Repeating is safe.
    """
    session.execute(update(Refund).where(Refund.order_id == order_id).values(note=None))
    session.execute(update(PaymentReview).where(PaymentReview.order_id == order_id).values(note=None))
