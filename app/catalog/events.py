"""Facts about the catalog."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class CategoryMoved(Event):
    """A category stands below another one now; what is listed in it is refreshed up to product `after`."""

    topic: ClassVar[str] = "catalog.category_moved"
    category_id: UUID
    after: UUID


@dataclass(frozen=True, slots=True)
class RebuildContinued(Event):
    """All listings are being made anew, and are up to the product `after`."""

    topic: ClassVar[str] = "catalog.rebuild_continued"
    after: UUID


@dataclass(frozen=True, slots=True)
class ReviewsChanged(Event):
    """What everybody reads about a product in its reviews, or its rating, is another."""

    topic: ClassVar[str] = "catalog.reviews_changed"
    product_id: UUID
    review_id: UUID


@dataclass(frozen=True, slots=True)
class WindowChanged(Event):
    """What everybody reads of these scopes is another: no answer that was made of them may be used."""

    topic: ClassVar[str] = "catalog.window_changed"
    scopes: tuple[str, ...]

    @property
    def subject(self) -> str:
        """The first of them: all that it is about, for most changes."""
        return self.scopes[0]
