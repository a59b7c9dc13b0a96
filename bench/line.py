import socket
import time
from collections.abc import Sequence

from bench.errors import BenchFailed

PATIENCE_SECONDS = 30
"""How long an answer may take before the measurement is given up."""


class Line:
    """One connection that is kept open, and the operation that goes over it: requests one after the other.

    `began_at` is when the operation was due, by time.perf_counter().
    """

    def __init__(self, port: int, expected: Sequence[int]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began_at = 0.0
        self._expected = expected
        self._got = bytearray()

    def begin(self, operation: Sequence[bytes], *, due: float | None = None) -> None:
        """Send its first request; its time counts from `due`, from now without one."""
        self.began_at = time.perf_counter() if due is None else due
        self._operation, self._at = operation, 0
        self._ask()

    def take(self) -> bool:
        """Take what has come, and ask on; whether the operation is over. Raises BenchFailed."""
        more = self.socket.recv(1 << 18)
        if not more:
            raise BenchFailed("The server closed a connection in the middle of the measurement.")
        self._got += more
        head = self._got.find(b"\r\n\r\n")
        if head < 0 or len(self._got) < head + 4 + _length(bytes(self._got[:head])):
            return False
        _check(self._got, self._expected[self._at])
        self._at += 1
        if self._at == len(self._operation):
            return True
        self._ask()
        return False

    def _ask(self) -> None:
        self._got.clear()
        self.socket.sendall(self._operation[self._at])


def _length(head: bytes) -> int:
    _, found, after = head.lower().partition(b"content-length:")
    if not found:
        raise BenchFailed("An answer came without its length.")
    return int(after.split(b"\r\n", 1)[0])


def _check(answer: bytearray, expected: int) -> None:
    if int(answer[9:12]) != expected:
        text = bytes(answer[:2000]).decode(errors="replace")
        raise BenchFailed(f"Expected {expected}, got: {' '.join(text.split())}")
