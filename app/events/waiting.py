"""What waits in a queue and was never tried: any worker may take it along."""

from datetime import timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, func, literal_column, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from app.events.models import DeliveryRecord
from app.events.services import LONGEST_RING_GAP
from app.platform.db import table_of

BACKLOG = 4
"""With more deliveries than this waiting in its queue, a message does others' work besides its own."""
RUNG_WITHIN = LONGEST_RING_GAP + timedelta(seconds=5)
"""What is due is never rung later than this, so that the index leaves out what is put off for longer.

A publisher puts the ring off for its first gap, the relay for the longest at most, and whoever puts work off
or has it tried again sets both times. The rest is for a relay whose transaction began after the claim's.
"""


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
    due = (delivery.run_after <= func.now(), delivery.ring_after <= func.now() + RUNG_WITHIN)
    return delivery.queue == queue, pending, delivery.attempts == 0, *due
