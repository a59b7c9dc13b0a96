"""Reading the ledger of messages."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.notifications.models import Message, UndeliverableAddress
from app.platform.pagination import Page, paged


def ledger(
    session: Session, *, status: str | None, before: tuple[datetime, UUID] | None, limit: int
) -> Page[Message]:
    """The messages of one status or of all, newest first."""
    statement = select(Message)
    if status is not None:
        statement = statement.where(Message.status == status)
    if before is not None:
        statement = statement.where(tuple_(Message.created_at, Message.id) < before)
    newest_first = statement.order_by(Message.created_at.desc(), Message.id.desc())
    rows: Sequence[Message] = session.scalars(newest_first.limit(limit + 1)).all()
    return paged(rows, limit, lambda message: [message.created_at, message.id])


def undeliverable(
    session: Session, *, before: tuple[datetime, UUID] | None, limit: int
) -> Page[UndeliverableAddress]:
    """The addresses that nothing more is sent to, the one noted last first."""
    noted = tuple_(UndeliverableAddress.noted_at, UndeliverableAddress.id)
    statement = select(UndeliverableAddress).where(noted < before) if before else select(UndeliverableAddress)
    newest_first = statement.order_by(UndeliverableAddress.noted_at.desc(), UndeliverableAddress.id.desc())
    rows: Sequence[UndeliverableAddress] = session.scalars(newest_first.limit(limit + 1)).all()
    return paged(rows, limit, lambda address: [address.noted_at, address.id])
