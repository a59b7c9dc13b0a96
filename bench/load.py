"""Clients that do nothing but ask: plain sockets in a process of their own, whose CPU is not counted."""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

from bench.apart import Apart
from bench.errors import BenchFailed

_PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Requests to send over so many connections, each the next one as soon as it has its answer.

    Ends after `seconds`, or when each request was sent once if `once` is set. Any other status than
    `expected` ends it with BenchFailed.
    """

    port: int
    requests: Sequence[bytes]
    expected: int
    seconds: float
    once: bool
    connections: int


@dataclass(slots=True)
class Answered:
    """What came back: the seconds from the first request to the last answer, and each one's milliseconds."""

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)


def send(clients: Apart, load: Load) -> Answered:
    """What the load's requests were answered. Raises BenchFailed."""
    return clients.do(load.seconds + 2 * _PATIENCE_SECONDS, drive, load)


def drive(load: Load) -> Answered:
    """Send the load from this process."""
    todo = iter(load.requests) if load.once else cycle(load.requests)
    answered = Answered()
    started = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        lines = [_Line(load.port) for _ in range(load.connections)]
        try:
            waiting = sum(_ask_next(line, todo, selector) for line in lines)
            while waiting:
                waiting -= _answers(selector, load, started + load.seconds, todo, answered)
        finally:
            for line in lines:
                line.socket.close()
    answered.seconds = time.perf_counter() - started
    return answered


class _Line:
    """One connection, and the answer that comes over it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = bytearray()
        self.asked_at = 0.0

    def ask(self, request: bytes) -> None:
        self.got.clear()
        self.asked_at = time.perf_counter()
        self.socket.sendall(request)

    def take(self) -> bool:
        """Take what has come; whether the answer is whole now."""
        more = self.socket.recv(1 << 18)
        if not more:
            raise BenchFailed("The server closed a connection in the middle of the measurement.")
        self.got += more
        head = self.got.find(b"\r\n\r\n")
        return head >= 0 and len(self.got) >= head + 4 + _length(bytes(self.got[:head]))


def _length(head: bytes) -> int:
    _, found, after = head.lower().partition(b"content-length:")
    if not found:
        raise BenchFailed("An answer came without its length.")
    return int(after.split(b"\r\n", 1)[0])


def _ask_next(line: _Line, todo: Iterator[bytes], selector: selectors.BaseSelector) -> bool:
    """Send the next request; whether there was one."""
    request = next(todo, None)
    if request is None:
        return False
    line.ask(request)
    selector.register(line.socket, selectors.EVENT_READ, line)
    return True


def _answers(
    selector: selectors.BaseSelector, load: Load, end: float, todo: Iterator[bytes], answered: Answered
) -> int:
    """Take what has come and ask on; answers how many connections are done."""
    done = 0
    ready = selector.select(timeout=_PATIENCE_SECONDS)
    if not ready:
        raise BenchFailed(f"No answer came within {_PATIENCE_SECONDS} s.")
    for key, _ in ready:
        line: _Line = key.data
        if not line.take():
            continue
        now = time.perf_counter()
        _check(line.got, load.expected)
        answered.milliseconds.append((now - line.asked_at) * 1000)
        selector.unregister(line.socket)
        done += now >= end or not _ask_next(line, todo, selector)
    return done


def _check(answer: bytearray, expected: int) -> None:
    if int(answer[9:12]) != expected:
        text = bytes(answer[:2000]).decode(errors="replace")
        raise BenchFailed(f"Expected {expected}, got: {' '.join(text.split())}")
