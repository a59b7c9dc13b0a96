"""Work that beat starts and that takes as many transactions as there is to do."""

import time
from collections.abc import Callable

from sqlalchemy.orm import Session

from app.platform.db import transaction

SWEEP_SECONDS = 12.0
"""How long one goes on: it is started anew every 15 seconds, and killed after 20."""


def sweep(take_batch: Callable[[Session], int], *, size: int) -> None:
    """Take batches, each in a transaction of its own, until one is not full or time is up.

    `take_batch` answers how much it found, `size` at most.
    """
    ends_at = time.monotonic() + SWEEP_SECONDS
    while time.monotonic() < ends_at:
        with transaction() as session:
            if take_batch(session) < size:
                return
