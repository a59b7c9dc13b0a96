"""Facts about imports and exports."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class ImportContinued(Event):
    """An import has done so many steps, and the next one is owed."""

    topic: ClassVar[str] = "transfers.import_continued"
    import_id: UUID
    step: int


@dataclass(frozen=True, slots=True)
class ImportEnded(Event):
    """Nothing more is done for an import: it is done, failed or cancelled."""

    topic: ClassVar[str] = "transfers.import_ended"
    import_id: UUID
    status: str


@dataclass(frozen=True, slots=True)
class ExportContinued(Event):
    """An export has so many parts, and the next one is owed."""

    topic: ClassVar[str] = "transfers.export_continued"
    export_id: UUID
    step: int


@dataclass(frozen=True, slots=True)
class OrderExportContinued(Event):
    """An export of orders has so many parts, and the next one is owed."""

    topic: ClassVar[str] = "transfers.order_export_continued"
    export_id: UUID
    step: int
