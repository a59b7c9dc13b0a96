"""Telling that a variant has sold out, is back, or is low: whoever crosses the line says so, nobody else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.events import Event
from app.events.services import publish_all
from app.inventory.events import BackInStock, SoldOut, StockLow
from app.inventory.models import StockLevel
from app.inventory.queries import stock_scope
from app.platform.cache.changes import changed

AFTERWARDS = (
    StockLevel.variant_id,
    (StockLevel.on_hand - StockLevel.reserved).label("available"),
    StockLevel.low_stock_threshold,
)
"""What a statement that changes a stock row gives back, see `Change.of`."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one statement did to one stock row: `units` more are available now (negative: fewer).

    The row is locked since, so that what was available before is known without asking, and each crossing is
    one statement's own.
    """

    variant_id: UUID
    units: int
    available: int
    threshold: int

    def crossings(self, *, listed: bool = False) -> Iterator[Event]:
        """The lines that this change has crossed. A threshold that is moved crosses nothing.

        `listed`: whoever made the change also says in the listings what can be had.
        """
        before = self.available - self.units
        if before > self.threshold >= self.available:
            yield StockLow(variant_id=self.variant_id)
        if before > 0 >= self.available:
            yield SoldOut(variant_id=self.variant_id, listed=listed)
        if before <= 0 < self.available:
            yield BackInStock(variant_id=self.variant_id, listed=listed)


def announce(session: Session, changes: Iterable[Change], *, listed: bool = False) -> None:
    """Publish what these changes have crossed; most cross nothing, which costs no statement.

    Answers that show what is available are made anew after the commit.
    """
    crossings: list[Event] = []
    for change in changes:
        changed(session, stock_scope(change.variant_id))
        crossings.extend(change.crossings(listed=listed))
    publish_all(session, crossings)
