"""Facts about reports."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class ExportRequested(Event):
    """A user wants to know what the shop knows of them."""

    topic: ClassVar[str] = "reporting.export_requested"
    export_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class PopularityContinued(Event):
    """What products sold lately is being counted, and is up to the product `after`."""

    topic: ClassVar[str] = "reporting.popularity_continued"
    after: UUID


@dataclass(frozen=True, slots=True)
class ExportReady(Event):
    """What a user wanted to know can be fetched."""

    topic: ClassVar[str] = "reporting.export_ready"
    export_id: UUID
    user_id: UUID
