"""Claiming what waits in a queue, without knowing what."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.events import attempts
from app.events.claims import Claim, claim_of, noted, taken_by
from app.events.models import DeliveryRecord
from app.events.waiting import is_fresh
from app.platform.db import locked, table_of

_WORK = table_of(DeliveryRecord).c


def claim_fresh(
    session: Session, queue: str, *, consumers: Sequence[str], limit: int, lease: timedelta
) -> list[Claim]:
    """Take deliveries of a queue that nobody has tried yet, as `claim` takes one; the oldest first.

    What somebody else is taking is left to them.
    """
    wanted = {"of_queue": queue, "by_consumers": consumers, "most": limit, "lease": lease}
    rows = session.execute(_taking_fresh(), wanted | {"by_worker": attempts.worker()})
    return sorted((claim_of(row) for row in rows), key=lambda held: held.delivery.id)


@cache
def _taking_fresh() -> Select[Any]:
    fresh = select(_WORK.id).where(*is_fresh(_WORK, bindparam("of_queue", type_=Text)))
    these = fresh.where(_WORK.consumer == any_(bindparam("by_consumers", type_=ARRAY(Text))))
    oldest = these.order_by(_WORK.ring_after).limit(bindparam("most", type_=Integer))
    # A CTE runs once, so that the limit is one.
    free = locked(oldest, skip_locked=True).cte("free")
    return noted(taken_by(_WORK.id.in_(select(free.c.id))))
