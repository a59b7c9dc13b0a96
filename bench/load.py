"""Clients that do nothing but ask: plain sockets in a process of their own, whose CPU is not counted."""

import selectors
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

from bench.apart import Apart
from bench.errors import BenchFailed
from bench.line import PATIENCE_SECONDS, Line

Operation = Sequence[bytes]
"""Requests that one client sends one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Operations to send over so many connections, each the next one as soon as it has its answers.

    Ends after `seconds`, or when each operation was sent once if `once` is set. `expected` is the status of
    each request of an operation; any other ends it with BenchFailed.
    """

    port: int
    operations: Sequence[Operation]
    expected: Sequence[int]
    seconds: float
    once: bool
    connections: int


@dataclass(slots=True)
class Answered:
    """What came back: the seconds from first request to last answer, and each operation's milliseconds."""

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)


def send(clients: Apart, load: Load) -> Answered:
    """What the load's operations were answered. Raises BenchFailed."""
    return clients.do(load.seconds + 2 * PATIENCE_SECONDS, drive, load)


def drive(load: Load) -> Answered:
    """Send the load from this process."""
    todo = iter(load.operations) if load.once else cycle(load.operations)
    answered = Answered()
    started = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        lines = [Line(load.port, load.expected) for _ in range(load.connections)]
        try:
            waiting = sum(_begin_next(line, todo, selector) for line in lines)
            while waiting:
                waiting -= _answers(selector, started + load.seconds, todo, answered)
        finally:
            for line in lines:
                line.socket.close()
    answered.seconds = time.perf_counter() - started
    return answered


def _begin_next(line: Line, todo: Iterator[Operation], selector: selectors.BaseSelector) -> bool:
    """Begin the next operation; whether there was one."""
    operation = next(todo, None)
    if operation is None:
        return False
    line.begin(operation)
    selector.register(line.socket, selectors.EVENT_READ, line)
    return True


def _answers(
    selector: selectors.BaseSelector, end: float, todo: Iterator[Operation], answered: Answered
) -> int:
    """Take what has come and ask on; answers how many connections are done."""
    done = 0
    ready = selector.select(timeout=PATIENCE_SECONDS)
    if not ready:
        raise BenchFailed(f"No answer came within {PATIENCE_SECONDS} s.")
    for key, _ in ready:
        line: Line = key.data
        if not line.take():
            continue
        now = time.perf_counter()
        answered.milliseconds.append((now - line.began_at) * 1000)
        selector.unregister(line.socket)
        done += now >= end or not _begin_next(line, todo, selector)
    return done
