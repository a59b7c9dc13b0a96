"""What waits in a queue and was never tried: any worker may take it along."""

from typing import Any

from sqlalchemy import CTE, ColumnElement, func, literal_column, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from app.events.models import DeliveryRecord
from app.platform.db import table_of

BACKLOG = 4
"""With more deliveries than this waiting in its queue, a message does others' work besides its own."""


def others_wait(taken: CTE) -> ColumnElement[bool]:
    """Whether there is a backlog: so many that nobody has begun."""
    other = table_of(DeliveryRecord).alias("other")
    fresh = select(other.c.id).where(*is_fresh(other.c, taken.c.queue), other.c.id != taken.c.id)
    return fresh.offset(BACKLOG).limit(1).exists()


def is_fresh(
    delivery: ReadOnlyColumnCollection[str, Any], queue: ColumnElement[str]
) -> tuple[ColumnElement[bool], ...]:
    """Whether a delivery of a queue is due and was never tried."""
    # Written out, or a plan for any state would not use the index of those that wait.
    pending = delivery.state == literal_column("'pending'")
    return delivery.queue == queue, pending, delivery.attempts == 0, delivery.run_after <= func.now()
