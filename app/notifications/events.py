"""Facts about messages."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class MessageSent(Event):
    """The mail server has taken the message."""

    topic: ClassVar[str] = "notifications.sent"
    order_id: UUID
    message_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class MessageRefused(Event):
    """The mail server will never take the message as it is."""

    topic: ClassVar[str] = "notifications.refused"
    order_id: UUID
    message_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class ResendRequested(Event):
    """An operator wants a message sent once more."""

    topic: ClassVar[str] = "notifications.resend_requested"
    order_id: UUID
    message_id: UUID
    kind: str
    refund_id: UUID | None
