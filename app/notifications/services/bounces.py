"""Addresses that nothing reaches: noted when the mail provider says so, lifted by operators."""

from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.identity.services.users import normal_email
from app.notifications.gateway.mails import nameless
from app.notifications.models import Message, UndeliverableAddress
from app.platform.errors import NotFound
from app.platform.ids import new_id


def note(session: Session, client_id: UUID, *, email: str, kind: str, reason: str | None) -> None:
    """Send nothing more to an address. Repeating changes nothing: the first notice stays.

    `client_id` is of the API key that tells. Raises Invalid for what is no address.
    """
    row = insert(UndeliverableAddress).values(
        id=new_id(),
        email=normal_email(email),
        kind=kind,
        reason=nameless(reason) if reason else None,
        client_id=client_id,
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["email"]))


def lift(session: Session, undeliverable_id: UUID) -> None:
    """Send to an address again. What was not sent meanwhile is sent by resending it. Raises NotFound."""
    lifted = delete(UndeliverableAddress).where(UndeliverableAddress.id == undeliverable_id)
    if session.scalar(lifted.returning(UndeliverableAddress.id)) is None:
        raise NotFound("Nothing keeps us from writing to such an address.")


def reaches(session: Session, email: str) -> bool:
    """Whether mails to an address are sent, for all that is known."""
    known = select(exists().where(UndeliverableAddress.email == email.lower()))
    return not session.scalar(known)


def forget(session: Session, which: ColumnElement[bool]) -> None:
    """Delete what is known of the addresses to which such messages went. Repeating changes nothing."""
    theirs = select(func.lower(Message.recipient)).where(which)
    session.execute(delete(UndeliverableAddress).where(UndeliverableAddress.email.in_(theirs)))
