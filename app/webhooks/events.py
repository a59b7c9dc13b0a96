"""Facts about webhooks, and about what other services told."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.events.events import Event
from app.platform.db import Json


@dataclass(frozen=True, slots=True)
class MessageOwed(Event):
    """A message is to be sent; each time that it is owed anew is another round."""

    topic: ClassVar[str] = "webhooks.message_owed"
    message_id: UUID
    round: int


@dataclass(frozen=True, slots=True)
class MessageGivenUp(Event):
    """A message will not be sent unless somebody has it repeated."""

    topic: ClassVar[str] = "webhooks.message_given_up"
    message_id: UUID
    endpoint_id: UUID


@dataclass(frozen=True, slots=True)
class EndpointDisabled(Event):
    """Nothing is sent to an endpoint any more, and not because its owner wanted it so.

    `user_id` is who is told. `host` is of the endpoint's address.
    """

    topic: ClassVar[str] = "webhooks.endpoint_disabled"
    disabling_id: UUID
    endpoint_id: UUID
    user_id: UUID
    host: str
    reason: str


@dataclass(frozen=True, slots=True)
class EndpointPinged(Event):
    """Its owner wants to see what a message looks like."""

    topic: ClassVar[str] = "webhooks.endpoint_pinged"
    endpoint_id: UUID


@dataclass(frozen=True, slots=True)
class NoticeReceived(Event):
    """Another service told something. `data` holds numbers, flags and short codes, no texts."""

    topic: ClassVar[str] = "webhooks.notice_received"
    notice_id: UUID
    client_id: UUID
    type: str
    data: Json


@dataclass(frozen=True, slots=True)
class AlertRaised(Event):
    """Another service told something that an admin is to be told by mail; `data` as in the notice."""

    topic: ClassVar[str] = "webhooks.alert_raised"
    alert_id: UUID
    user_id: UUID
    client_id: UUID
    type: str
    data: Json
