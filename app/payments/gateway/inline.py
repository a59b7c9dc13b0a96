"""Calling the provider while a buyer waits: only when that is likely to be quick."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.payments.errors import GatewayUnavailable
from app.platform.breaker import Breaker


class InlineCalls:
    """Lets `limit` requests of this process wait at the provider, and none after three silences in a row."""

    def __init__(self, *, limit: int, pause: float = 10.0) -> None:
        self._free = threading.BoundedSemaphore(limit)
        self._breaker = Breaker("stripe", failures=3, pause=pause)

    @contextmanager
    def slot(self) -> Iterator[bool]:
        """Whether to call now. GatewayUnavailable in the block counts against the provider, and passes."""
        if not self._free.acquire(blocking=False):
            yield False
            return
        try:
            if not self._breaker.allows():
                yield False
                return
            yield True
            self._breaker.succeeded()
        except GatewayUnavailable:
            self._breaker.failed()
            raise
        finally:
            self._free.release()
