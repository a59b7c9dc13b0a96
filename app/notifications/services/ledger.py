"""The ledger of messages: what is owed to a reader once, however often it must be tried."""

from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.events.services import publish
from app.notifications import states
from app.notifications.events import MessageRefused, MessageSent, ResendRequested
from app.notifications.models import Message
from app.platform.db import locked
from app.platform.errors import NotFound
from app.platform.ids import new_id

if TYPE_CHECKING:  # for hints; the models stay private to their package
    from app.orders.models import Order

Fact = type[MessageSent] | type[MessageRefused]


def begin(
    session: Session, *, kind: str, order: "Order", domain: str, refund_id: UUID | None = None
) -> Message | None:
    """The order's message of this kind, noted as being sent from now on; None when it was sent before.

    Commit before the first word to the mail server. `domain` is the right side of its Message-ID. One about
    a refund is a message of its own for each.
    """
    message = _made_once(session, kind, order, domain, refund_id)
    if message.status == states.SENT:
        return None
    _move(message, states.SENDING)
    message.attempts += 1
    message.started_at = func.now()
    message.recipient = order.email
    return message


def record_sent(session: Session, message_id: UUID, *, answer: str) -> None:
    """The mail server has taken it, with this answer."""
    message = _lock(session, message_id)
    _move(message, states.SENT)
    message.sent_at = func.now()
    message.provider_answer = answer
    message.last_error = None
    _tell(session, message, MessageSent)


def record_deferred(session: Session, message_id: UUID, *, error: str) -> None:
    """It was not taken, or nobody knows; it waits for its next try."""
    message = _lock(session, message_id)
    _move(message, states.QUEUED)
    message.last_error = error


def record_refused(session: Session, message_id: UUID, *, error: str) -> None:
    """It will never be taken as it is; an operator may change that and have it sent again."""
    message = _lock(session, message_id)
    _move(message, states.DEAD)
    message.last_error = error
    _tell(session, message, MessageRefused)


def withdraw(session: Session, *, kind: str, order_id: UUID, refund_id: UUID | None = None) -> None:
    """Give up a message that is no longer so, if one waits."""
    statement = select(Message).where(Message.dedupe_key == _key(kind, order_id, refund_id))
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
        again = ResendRequested(
            order_id=message.order_id,
            message_id=message.id,
            kind=message.kind,
            refund_id=message.refund_id,
        )
        publish(session, again)
    return message


def _key(kind: str, order_id: UUID, refund_id: UUID | None) -> str:
    return f"{kind}:{refund_id or order_id}"


def _made_once(session: Session, kind: str, order: "Order", domain: str, refund_id: UUID | None) -> Message:
    dedupe_key = _key(kind, order.id, refund_id)
    row = insert(Message).values(
        id=new_id(),
        kind=kind,
        order_id=order.id,
        refund_id=refund_id,
        dedupe_key=dedupe_key,
        recipient=order.email,
        locale=order.locale,
        message_id=f"<{uuid5(NAMESPACE_OID, dedupe_key)}@{domain}>",
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["dedupe_key"]))
    return session.scalars(locked(select(Message).where(Message.dedupe_key == dedupe_key))).one()


def _lock(session: Session, message_id: UUID) -> Message:
    message = session.scalars(locked(select(Message).where(Message.id == message_id))).one_or_none()
    if message is None:
        raise NotFound("There is no such message.")
    return message


def _move(message: Message, target: str) -> None:
    states.check_move(message.status, target)
    message.status = target


def _tell(session: Session, message: Message, fact: Fact) -> None:
    publish(session, fact(order_id=message.order_id, message_id=message.id, kind=message.kind))
