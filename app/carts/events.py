"""Facts about carts."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class CartLeft(Event):
    """Somebody who agreed to be reminded has left things in their cart; the id names it as it was left."""

    topic: ClassVar[str] = "carts.left"
    reminder_id: UUID
    user_id: UUID | None


@dataclass(frozen=True, slots=True)
class TendingContinued(Event):
    """Carts are being looked through, and have been up to the one of this id."""

    topic: ClassVar[str] = "carts.tending_continued"
    after: UUID
