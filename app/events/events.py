"""What an event is: a fact in the past tense, made of ids and amounts."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Event:
    """Parent of every event. Its fields are the payload: ids and amounts, never personal data or secrets.

    `topic` is `<package>.<past participle>`; `subject` is the id that the fact is about, by which a timeline
    collects it.
    """

    topic: ClassVar[str]

    @property
    def subject(self) -> str:
        """The value of the first field, unless a subclass says otherwise."""
        return str(getattr(self, fields(self)[0].name))

    def payload(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value


@dataclass(frozen=True, slots=True)
class SlotReached(Event):
    """A scheduled job is due: `slot` is the start of its period by the database's clock."""

    topic: ClassVar[str] = "schedule.slot_reached"
    job: str
    slot: datetime


@dataclass(frozen=True, slots=True)
class WorkRetried(Event):
    """Somebody had a delivery tried again; `about` is the subject of the event that it follows from."""

    topic: ClassVar[str] = "events.work_retried"
    delivery_id: int
    consumer: str
    about: str

    @property
    def subject(self) -> str:
        """What the work is about, so that its timeline has this."""
        return self.about


@dataclass(frozen=True, slots=True)
class WorkDropped(Event):
    """Somebody decided that a delivery will not be done; why stands with it, because a person wrote it."""

    topic: ClassVar[str] = "events.work_dropped"
    delivery_id: int
    consumer: str
    about: str

    @property
    def subject(self) -> str:
        """What the work is about, so that its timeline has this."""
        return self.about
