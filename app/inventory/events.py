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


@dataclass(frozen=True, slots=True)
class HoldPlaced(Event):
    """Another channel holds units."""

    topic: ClassVar[str] = "inventory.hold_placed"
    hold_id: UUID
    client_id: UUID


@dataclass(frozen=True, slots=True)
class HoldCommitted(Event):
    """Another channel has sold what it held."""

    topic: ClassVar[str] = "inventory.hold_committed"
    hold_id: UUID


@dataclass(frozen=True, slots=True)
class HoldReleased(Event):
    """What another channel held is free again: it said so, or let the hold expire."""

    topic: ClassVar[str] = "inventory.hold_released"
    hold_id: UUID
    expired: bool


@dataclass(frozen=True, slots=True)
class SoldOut(Event):
    """The last available unit of a variant is promised or gone; its listing may say so already."""

    topic: ClassVar[str] = "inventory.sold_out"
    variant_id: UUID
    listed: bool = False


@dataclass(frozen=True, slots=True)
class BackInStock(Event):
    """Of a variant there is something available again; its listing may say so already."""

    topic: ClassVar[str] = "inventory.back_in_stock"
    variant_id: UUID
    listed: bool = False


@dataclass(frozen=True, slots=True)
class StockLow(Event):
    """What is available of a variant has fallen to its threshold, or below it, from above."""

    topic: ClassVar[str] = "inventory.low"
    variant_id: UUID
