"""The ledger forgets whom it wrote to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from app.notifications.models import Message
from app.notifications.services import bounces, notices
from app.notifications.states import NOT_TO_OWN_ADDRESS

ERASED = "erased@deleted.invalid"


def forget_user(session: Session, user_id: UUID, *, proved_at: datetime | None) -> None:
    """Forget to where the mails about an account went, whether they reached its owner, and what it wanted.

    `proved_at` is when its address was proved to be the owner's. Of one that was not, and of others that were
    wanted, it stays known: nobody has us write again to somebody else. Repeating changes nothing.
    """
    theirs = Message.user_id == user_id
    if proved_at is not None:
        to_own = (Message.started_at > proved_at) & Message.kind.not_in(NOT_TO_OWN_ADDRESS)
        bounces.forget(session, theirs & to_own)
    _erase(session, theirs)
    notices.forget_user(session, user_id)


def forget_order(session: Session, order_id: UUID) -> None:
    """Forget to where the mails about an order went, and whether those that were sent came.

    Repeating changes nothing.
    """
    its = Message.order_id == order_id
    bounces.forget(session, its & Message.sent_at.is_not(None))
    _erase(session, its)


def _erase(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(update(Message).where(which).values(recipient=ERASED))
