"""What the doorbell missed: due deliveries that nobody has taken, a bounded number per queue."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.events.claims import is_due
from app.events.models import DeliveryRecord
from app.events.services import LONGEST_RING_GAP, Ring
from app.platform.db import locked


def overdue(session: Session, queue: str, *, room: int, gap: timedelta) -> Sequence[Ring]:
    """Up to `room` deliveries of a queue to ring now; commit first, then ring.

    Each is spared for `gap`, doubled per ring, ten seconds at most. Any number of relays may run at once.
    """
    waiting = (
        select(DeliveryRecord.id)
        .where(
            DeliveryRecord.queue == queue,
            DeliveryRecord.state.in_(("pending", "running")),
            DeliveryRecord.ring_after <= func.now(),
            is_due(),
        )
        .order_by(DeliveryRecord.ring_after, DeliveryRecord.id)
        .limit(room)
    )
    # As a CTE it runs once; the planner may run a sub-select anew for each row, and ring them all.
    free = locked(waiting, skip_locked=True).cte("free")
    pause = func.least(LONGEST_RING_GAP, gap * func.power(2, func.least(DeliveryRecord.rings, 4)))
    rung = (
        update(DeliveryRecord)
        .where(DeliveryRecord.id.in_(select(free.c.id)))
        .values(ring_after=func.now() + pause, rings=DeliveryRecord.rings + 1)
        .returning(DeliveryRecord.consumer, DeliveryRecord.queue, DeliveryRecord.id)
    )
    # None is spared: nobody took it along, and the messages that wait may be ticks, which take nothing.
    rings = (Ring(*row, fresh=False) for row in session.execute(rung))
    return sorted(rings, key=lambda ring: ring.delivery_id)
