"""Waiting for what another process or thread does: for a condition, never for a while."""

import time
from collections.abc import Callable

DEADLINE_SECONDS = 15


def wait(until: Callable[[], bool], *, within: float = DEADLINE_SECONDS) -> None:
    """Return when it is so; fail when it takes too long."""
    deadline = time.monotonic() + within
    while not until():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.02)
