"""Facts about comparing our books with the provider's."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class ReconciliationContinued(Event):
    """A run has more to compare: its next step is owed."""

    topic: ClassVar[str] = "settlement.reconciliation_continued"
    run_id: UUID
    step: int


@dataclass(frozen=True, slots=True)
class DifferenceFound(Event):
    """An object of the provider did not fit our books. The subject is its order, else the object itself."""

    topic: ClassVar[str] = "settlement.difference_found"
    subject_id: str
    run_id: UUID
    kind: str
    book: str
    object_id: str
    ours: str
    theirs: str
    action: str


@dataclass(frozen=True, slots=True)
class OrphanRefunded(Event):
    """An operator had money given back that no payment here is behind. The subject as in DifferenceFound."""

    topic: ClassVar[str] = "settlement.orphan_refunded"
    subject_id: str
    object_id: str
    amount: int
    currency: str
