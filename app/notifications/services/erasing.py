"""The ledger forgets whom it wrote to."""

from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from app.notifications.models import Message
from app.notifications.services import bounces, notices

ERASED = "erased@deleted.invalid"


def forget_user(session: Session, user_id: UUID) -> None:
    """Forget to where the mails about an account went, whether any came, and what it waited for.

    Repeating changes nothing.
    """
    _forget(session, Message.user_id == user_id)
    notices.forget_user(session, user_id)


def forget_order(session: Session, order_id: UUID) -> None:
    """Forget to where the mails about an order went. Repeating changes nothing."""
    _forget(session, Message.order_id == order_id)


def _forget(session: Session, which: ColumnElement[bool]) -> None:
    bounces.forget(session, which)
    session.execute(update(Message).where(which).values(recipient=ERASED))
