"""Facts about stock."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class StockAdjusted(Event):
    """Somebody counted, received or wrote off units of a variant."""

    topic: ClassVar[str] = "inventory.stock_adjusted"
    variant_id: UUID
    change: int
    reason: str
