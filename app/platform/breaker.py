"""A breaker: after a few failures in a row, stop trying for a while."""

import threading
import time
from collections.abc import Callable

from app.platform.metrics import BREAKER_OPEN


class Breaker:
    """Closed until `failures` failures in a row, then open for `pause` seconds, then one try decides.

    Safe to share between threads. `name` is what its state is shown by.
    """

    def __init__(
        self, name: str, *, failures: int, pause: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._limit = failures
        self._pause = pause
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failed = 0
        self._next_try = 0.0

    def allows(self) -> bool:
        """Whether to try now. While open it lets one caller through per pause."""
        with self._lock:
            if self._failed < self._limit:
                return True
            now = self._monotonic()
            if now < self._next_try:
                return False
            self._next_try = now + self._pause
            return True

    def succeeded(self) -> None:
        """Close the breaker."""
        with self._lock:
            if self._failed:
                self._failed = 0
                BREAKER_OPEN.labels(self._name).set(0)

    def failed(self) -> None:
        """Count a failure; the last allowed one opens the breaker."""
        with self._lock:
            self._failed += 1
            self._next_try = self._monotonic() + self._pause
            if self._failed >= self._limit:
                BREAKER_OPEN.labels(self._name).set(1)
