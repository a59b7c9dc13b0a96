"""Scheduled work that takes as many transactions as there is to do."""

import time
from collections.abc import Callable
from typing import Protocol

from sqlalchemy.orm import Session

from app.events.claims import Claim
from app.events.services import record_success
from app.platform.db import transaction

SWEEP_SECONDS = 12.0
"""How long one goes on: it is started anew every 15 seconds, and killed after 20."""

OWED_AT_ONCE = 500
"""Of each kind. Few, because what depends on a deleted row goes with it, and that may be hundreds of rows."""


class TakeLimited(Protocol):
    """What takes a limited batch."""

    def __call__(self, session: Session, *, limit: int) -> int:
        """Take up to `limit` of what it is about, or of each kind; the answer is how much it was."""


def sweep(take_batch: Callable[[Session], int], *, size: int) -> int:
    """Take batches, each in a transaction of its own, until one is not full or time is up; how much it was.

    `take_batch` answers how much it found: less than `size` when nothing is left.
    """
    ends_at, total = time.monotonic() + SWEEP_SECONDS, 0
    while time.monotonic() < ends_at:
        with transaction() as session:
            found = take_batch(session)
        total += found
        if found < size:
            break
    return total


def sweep_owed(held: Claim, take_limited: TakeLimited) -> int:
    """The same for a scheduled job that is a delivery: each batch checks the claim, and stands by itself.

    What is left when time is up is for the next slot. The delivery is done, and the job's success noted.
    """

    def take(session: Session) -> int:
        held.check(session)
        return take_limited(session, limit=OWED_AT_ONCE)

    total = sweep(take, size=OWED_AT_ONCE)
    with transaction() as session:
        held.check(session)
        record_success(session, held.delivery.consumer)
        held.finish(session)
    return total
