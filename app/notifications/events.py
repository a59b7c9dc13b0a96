"""Facts about messages."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class _AboutMessage:
    """What facts about a message tell: it is about an order, or about something of a user's account."""

    order_id: UUID | None
    message_id: UUID
    kind: str
    user_id: UUID | None = None
    about: UUID | None = None

    @property
    def subject(self) -> str:
        """What the message is about, so that its timeline has this."""
        return str(self.order_id or self.about)


@dataclass(frozen=True, slots=True)
class MessageSent(_AboutMessage, Event):
    """The mail server has taken the mail."""

    topic: ClassVar[str] = "notifications.sent"


@dataclass(frozen=True, slots=True)
class TextSent(_AboutMessage, Event):
    """Who carries text messages has taken one."""

    topic: ClassVar[str] = "notifications.text_sent"


@dataclass(frozen=True, slots=True)
class MessageRefused(_AboutMessage, Event):
    """The message is given up as it is: refused for good, in doubt, or nothing reaches its address."""

    topic: ClassVar[str] = "notifications.refused"


@dataclass(frozen=True, slots=True)
class ResendRequested(_AboutMessage, Event):
    """An operator wants a message sent once more."""

    topic: ClassVar[str] = "notifications.resend_requested"
    refund_id: UUID | None = None
    parcel_id: UUID | None = None
    return_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class LowStockNoticed(Event):
    """Somebody is to be told that a variant is low on stock."""

    topic: ClassVar[str] = "notifications.low_stock_noticed"
    notice_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class BackInStockNoticed(Event):
    """Somebody who waited for a variant is to be told that it is back."""

    topic: ClassVar[str] = "notifications.back_in_stock_noticed"
    notice_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class TellingContinued(Event):
    """More people wait for a variant that is back than one step tells."""

    topic: ClassVar[str] = "notifications.telling_continued"
    variant_id: UUID
