"""The ledger of messages: what is owed to a reader once, however often it must be tried."""

from functools import cache
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from app.events.services import publish
from app.notifications import states
from app.notifications.events import MessageRefused, MessageSent, ResendRequested, TextSent
from app.notifications.models import Message
from app.notifications.services import bounces
from app.notifications.services.envelopes import Envelope
from app.platform.db import locked, table_of
from app.platform.errors import NotFound
from app.platform.ids import new_id

Fact = type[MessageSent] | type[TextSent] | type[MessageRefused]


def begin(session: Session, envelope: Envelope, *, domain: str, is_first_try: bool = True) -> Message | None:
    """The message in this envelope, noted as being sent from now on; None when it was sent before.

    None, too, when nothing reaches its address, or nobody knows how far a text message came that was being
    sent: it is dead then, and an operator may have it sent again.

    Commit before the first word to the mail server. `domain` is the right side of its Message-ID. One about
    a refund, a parcel or a return is a message of its own for each. `is_first_try` of this work since it is
    owed, or owed anew: a text that is dead at a later one stays dead.
    """
    message = _made_once(session, envelope, domain)
    if message.status == states.SENT:
        return None
    if message.channel == states.SMS and message.status == states.SENDING:
        # Two texts could not be told apart, as two mails can by their Message-ID.
        _give_up(session, message, "nobody knows whether it was taken")
        return None
    if message.channel == states.SMS and message.status == states.DEAD and not is_first_try:
        # Given up by an earlier try, which was killed before its own end was noted.
        return None
    if not bounces.reaches(session, envelope.recipient):
        _give_up(session, message, "nothing reaches this address")
        return None
    _move(message, states.SENDING)
    message.attempts += 1
    message.started_at = func.now()
    message.recipient = envelope.recipient
    return message


def record_sent(session: Session, message_id: UUID, *, answer: str) -> None:
    """The mail server, or who carries texts, has taken it, with this answer."""
    message = _lock(session, message_id)
    _move(message, states.SENT)
    message.sent_at = func.now()
    message.provider_answer = answer
    message.last_error = None
    _tell(session, message, TextSent if message.channel == states.SMS else MessageSent)


def record_deferred(session: Session, message_id: UUID, *, error: str) -> None:
    """It was not taken, or nobody knows; it waits for its next try."""
    message = _lock(session, message_id)
    _move(message, states.QUEUED)
    message.last_error = error


def record_refused(session: Session, message_id: UUID, *, error: str) -> None:
    """It will never be taken as it is; an operator may change that and have it sent again."""
    _give_up(session, _lock(session, message_id), error)


def withdraw(session: Session, key: str) -> None:
    """Give up the message of this dedupe key, which is no longer so, if it waits."""
    statement = select(Message).where(Message.dedupe_key == key)
    message = session.scalars(locked(statement)).one_or_none()
    if message is not None and message.status in (states.QUEUED, states.SENDING):
        _move(message, states.DEAD)
        message.last_error = "what it says is no longer so"


def resend(session: Session, message_id: UUID) -> Message:
    """Owe a message that is sent or dead once more; one that is on its way is left alone.

    It is work of its own: the delivery that sent it first is forgotten after a week. Raises NotFound.
    """
    message = _lock(session, message_id)
    if message.status in (states.SENT, states.DEAD):
        _move(message, states.QUEUED)
        parts = {name: getattr(message, name) for name in ("refund_id", "parcel_id", "return_id")}
        publish(session, ResendRequested(**_facts(message), **parts))
    return message


def _made_once(session: Session, envelope: Envelope, domain: str) -> Message:
    key = envelope.dedupe_key
    row = {
        "id": new_id(),
        "kind": envelope.kind,
        "order_id": envelope.order_id,
        "refund_id": envelope.refund_id,
        "parcel_id": envelope.parcel_id,
        "return_id": envelope.return_id,
        "user_id": envelope.user_id,
        "about": envelope.about,
        "channel": envelope.channel,
        "dedupe_key": key,
        "recipient": envelope.recipient,
        "locale": envelope.locale,
        "message_id": f"<{uuid5(NAMESPACE_OID, key)}@{domain}>",
    }
    session.execute(_making(), row)
    return session.scalars(_named(), {"dedupe_key": key}).one()


@cache
def _making() -> Insert:
    return insert(table_of(Message)).on_conflict_do_nothing(index_elements=["dedupe_key"])


@cache
def _named() -> Select[Message]:
    return locked(select(Message).where(Message.dedupe_key == bindparam("dedupe_key")))


def _lock(session: Session, message_id: UUID) -> Message:
    message = session.scalars(_held(), {"id": message_id}).one_or_none()
    if message is None:
        raise NotFound("There is no such message.")
    return message


@cache
def _held() -> Select[Message]:
    return locked(select(Message).where(Message.id == bindparam("id")))


def _move(message: Message, target: str) -> None:
    states.check_move(message.status, target)
    message.status = target


def _give_up(session: Session, message: Message, error: str) -> None:
    if message.status != states.DEAD:
        _move(message, states.DEAD)
        _tell(session, message, MessageRefused)
    message.last_error = error


def _tell(session: Session, message: Message, fact: Fact) -> None:
    publish(session, fact(**_facts(message)))


def _facts(message: Message) -> dict[str, Any]:
    return {
        "order_id": message.order_id,
        "message_id": message.id,
        "kind": message.kind,
        "user_id": message.user_id,
        "about": message.about,
    }
