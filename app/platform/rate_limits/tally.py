"""Counting requests: each process for itself, and every so often together, in Redis."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from prometheus_client import Counter
from redis import Redis, RedisError

from app.platform.breaker import Breaker
from app.platform.rate_limits.policy import WINDOW_SECONDS, Limit

UNSHARED = Counter(
    "backroom_rate_limits_unshared",
    "Requests that processes counted without telling each other: Redis did not answer",
    ["reason"],
)
MOST_CALLERS = 20_000
"""Whom a process remembers at once; whoever was quiet the longest is forgotten first."""
BREAKER_FAILURES, BREAKER_PAUSE = 3, 5.0


class Charge(NamedTuple):
    """What came of a request: whether it may go on, what is left, and when to come back (seconds)."""

    allowed: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int


@dataclass(slots=True)
class _Count:
    """What is known of one caller: this window and the one before, and what the others were not told yet."""

    window: int
    previous: int = 0
    current: int = 0
    untold: int = 0


class Tally:
    """Counts in sliding windows of a minute: the last whole one fades out as the present one goes on.

    What this process refuses is not counted. Without Redis each process goes on by what it saw itself. Safe
    to share between threads.
    """

    def __init__(self, server: Redis, *, now: Callable[[], float] = time.time) -> None:
        self._server = server
        self._now = now
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, _Count] = OrderedDict()
        self._breaker = Breaker("rate_limits", failures=BREAKER_FAILURES, pause=BREAKER_PAUSE)

    def look(self, key: str, limit: Limit) -> Charge:
        """Whether this caller may ask, as far as this process knows; nothing is counted."""
        window, elapsed = divmod(self._now(), WINDOW_SECONDS)
        with self._lock:
            return _charge(self._known(key, int(window)), limit, elapsed)

    def charge(self, key: str, limit: Limit) -> Charge:
        """Count a request of this caller, unless it is one too many."""
        window, elapsed = divmod(self._now(), WINDOW_SECONDS)
        with self._lock:
            count = self._known(key, int(window))
            if _room(count, limit, elapsed) < 1:
                return _charge(count, limit, elapsed)
            count.untold += 1
            if count.untold < limit.batch:
                return _charge(count, limit, elapsed, paid=True)
            told, count.untold = count.untold, 0
            count.current += told
        self._tell(key, count, told)
        with self._lock:
            return _charge(count, limit, elapsed, paid=True)

    def _known(self, key: str, window: int) -> _Count:
        count = self._counts.get(key)
        if count is None:
            count = self._counts[key] = _Count(window)
            if len(self._counts) > MOST_CALLERS:
                self._counts.popitem(last=False)
            return count
        self._counts.move_to_end(key)
        if window != count.window:
            seen = count.current + count.untold
            count.previous = seen if window == count.window + 1 else 0
            count.window, count.current, count.untold = window, 0, 0
        return count

    def _tell(self, key: str, count: _Count, told: int) -> None:
        """Add to what all processes counted, and learn what they did."""
        window = count.window
        if not self._breaker.allows():
            UNSHARED.labels("breaker").inc(told)
            return
        try:
            current, previous = self._add(key, window, told)
        except (RedisError, OSError) as error:
            self._breaker.failed()
            UNSHARED.labels(type(error).__name__).inc(told)
            return
        self._breaker.succeeded()
        with self._lock:
            if count.window == window:
                # Whoever asked later may be answered first.
                count.current, count.previous = max(count.current, current), max(count.previous, previous)

    def _add(self, key: str, window: int, told: int) -> tuple[int, int]:
        name = f"rate:{key}:{window}"
        with self._server.pipeline(transaction=False) as pipeline:
            pipeline.incrby(name, told)
            pipeline.expire(name, 2 * WINDOW_SECONDS + 1)
            pipeline.get(f"rate:{key}:{window - 1}")
            current, _, previous = pipeline.execute()
        return int(current), int(previous or 0)


def _charge(count: _Count, limit: Limit, elapsed: float, *, paid: bool = False) -> Charge:
    room = _room(count, limit, elapsed)
    allowed = room >= 0 if paid else room >= 1
    return Charge(
        allowed,
        limit.requests,
        remaining=max(0, int(room)),
        reset=math.ceil(WINDOW_SECONDS - elapsed),
        retry_after=0 if allowed else _wait(count, limit.requests, elapsed),
    )


def _room(count: _Count, limit: Limit, elapsed: float) -> float:
    """How many more requests fit; of the last window as much counts as the sliding one still covers."""
    fading = count.previous * (1 - elapsed / WINDOW_SECONDS)
    return limit.requests - count.current - count.untold - fading


def _wait(count: _Count, most: int, elapsed: float) -> int:
    """Seconds until one more fits: in this window, or in the next, of which the present one fades out."""
    present = count.current + count.untold
    if present < most:
        return max(1, math.ceil(WINDOW_SECONDS * (1 - (most - 1 - present) / count.previous) - elapsed))
    faded = WINDOW_SECONDS * (1 - (most - 1) / present)
    return max(1, math.ceil(WINDOW_SECONDS - elapsed + faded))
