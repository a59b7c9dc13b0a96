"""Clients that come when they come: they do not wait for those before them, as a shop's do not.

An operation's time counts from the moment at which it was due, not from that at which a connection was free
for it: else a server that stands still would keep its clients from noticing (coordinated omission).
"""

import selectors
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random

from bench.apart import Apart
from bench.errors import BenchFailed
from bench.line import PATIENCE_SECONDS, Line
from bench.load import Answered, Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """So many operations per second on average, at random moments, for `seconds`; see Load for the rest.

    When all `connections` are busy, those that are due wait for one.
    """

    port: int
    operations: Sequence[Operation]
    expected: Sequence[int]
    seconds: float
    per_second: float
    connections: int = 96

    def moments(self) -> list[float]:
        """When each is due, in seconds from the start: the same ones each time."""
        drawn, moments, at = Random(4), [], 0.0  # noqa: S311  # the same ones each time
        while (at := at + drawn.expovariate(self.per_second)) < self.seconds:
            moments.append(at)
        return moments


def meet(clients: Apart, arrivals: Arrivals) -> Answered:
    """What those who came were answered. Raises BenchFailed."""
    return clients.do(arrivals.seconds + 2 * PATIENCE_SECONDS, come, arrivals)


def come(arrivals: Arrivals) -> Answered:
    """Send the operations from this process, each when it is due."""
    crowd = _Crowd(arrivals)
    try:
        while crowd.is_open:
            crowd.step()
    finally:
        crowd.close()
    return crowd.answered


class _Crowd:
    """Those who are due, those who wait for an answer, and the connections that are free."""

    def __init__(self, arrivals: Arrivals) -> None:
        self.answered = Answered()
        # Unlike epoll's, its timeout is finer than a millisecond.
        self._selector = selectors.SelectSelector()
        self._free = [Line(arrivals.port, arrivals.expected) for _ in range(arrivals.connections)]
        self._all = list(self._free)
        self._todo = cycle(arrivals.operations)
        self._started = time.perf_counter()
        self._due = deque(self._started + moment for moment in arrivals.moments())

    @property
    def is_open(self) -> bool:
        """Whether somebody is still to come, or waits."""
        return bool(self._due) or len(self._free) < len(self._all)

    def step(self) -> None:
        """Let in who is due, then take what is answered until the next one is."""
        now = time.perf_counter()
        while self._due and self._due[0] <= now and self._free:
            line = self._free.pop()
            line.begin(next(self._todo), due=self._due.popleft())
            self._selector.register(line.socket, selectors.EVENT_READ, line)
        comes = self._due and self._free
        ready = self._selector.select(max(self._due[0] - now, 0.0) if comes else PATIENCE_SECONDS)
        if not ready and not comes:
            raise BenchFailed(f"No answer came within {PATIENCE_SECONDS} s.")
        for key, _ in ready:
            self._take(key.data)

    def _take(self, line: Line) -> None:
        if line.take():
            now = time.perf_counter()
            self.answered.milliseconds.append((now - line.began_at) * 1000)
            self.answered.seconds = now - self._started
            self._selector.unregister(line.socket)
            self._free.append(line)

    def close(self) -> None:
        """Close all connections."""
        self._selector.close()
        for line in self._all:
            line.socket.close()
