"""Facts about uploads."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class MediaUploaded(Event):
    """A file is in the storage, and its sizes are to be made."""

    topic: ClassVar[str] = "media.uploaded"
    upload_id: UUID
    subject_kind: str
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class MediaReady(Event):
    """The sizes of a picture can be shown."""

    topic: ClassVar[str] = "media.ready"
    upload_id: UUID
    subject_kind: str
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class MediaRefused(Event):
    """A file turned out to be no picture that can be shown."""

    topic: ClassVar[str] = "media.refused"
    upload_id: UUID
    subject_kind: str
    subject_id: UUID
    refusal: str


@dataclass(frozen=True, slots=True)
class MediaRemoved(Event):
    """An upload is shown no more, and its objects are to be erased."""

    topic: ClassVar[str] = "media.removed"
    upload_id: UUID
    subject_kind: str
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class MediaSweepOwed(Event):
    """The storage is to be searched for what belongs to no upload, from the key after `after` on."""

    topic: ClassVar[str] = "media.sweep_owed"
    slot: datetime
    after: str
