"""Faults on demand: slow answers, errors before the effect, and answers lost after it."""

import threading
import time
from dataclasses import dataclass
from typing import Literal

from sandbox.stripe.books import Json
from sandbox.stripe.errors import Refusal

ERRORS: dict[int, Json] = {
    409: {"kind": "invalid_request_error", "message": "The object is locked.", "code": "lock_timeout"},
    429: {"kind": "invalid_request_error", "message": "Too many requests.", "code": "rate_limit"},
}
API_ERROR: Json = {"kind": "api_error", "message": "An error occurred on the stand-in's side, as ordered."}


@dataclass
class Fault:
    """What befalls the next `calls` requests (None: all) of a method (None: any) below a path.

    The outcome is the normal "answer", "lost" (the connection is closed without one) or a status code; it and
    the delay come before the effect or after it. A status after the effect is kept under the idempotency key,
    one before it is not.
    """

    path: str
    method: str | None = None
    calls: int | None = 1
    delay_seconds: float = 0
    when: Literal["before", "after"] = "before"
    outcome: Literal["answer", "lost"] | int = "answer"

    @property
    def refusal(self) -> Refusal | None:
        """The ordered error, if the outcome is a status."""
        if isinstance(self.outcome, str):
            return None
        return Refusal(self.outcome, **ERRORS.get(self.outcome, API_ERROR))


class Lost(Exception):
    """The answer must not reach the client."""


class Faults:
    """The ordered faults; the first that fits a request befalls it. A restart forgets them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ordered: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Let it befall requests, after those ordered before."""
        with self._lock:
            self._ordered.append(fault)

    def clear(self) -> None:
        """Behave well again."""
        with self._lock:
            self._ordered.clear()

    def ordered(self) -> list[Fault]:
        """What is still to befall requests."""
        with self._lock:
            return list(self._ordered)

    def take(self, method: str, path: str) -> Fault:
        """The fault for one request, used up by one call; a harmless one when none fits."""
        with self._lock:
            for fault in self._ordered:
                if fault.method in (None, method) and path.startswith(fault.path):
                    self._use(fault)
                    return fault
        return Fault(path=path)

    def _use(self, fault: Fault) -> None:
        if fault.calls is not None:
            fault.calls -= 1
            if fault.calls <= 0:
                self._ordered.remove(fault)


def suffer(fault: Fault, moment: Literal["before", "after"]) -> None:
    """Do what is ordered for this moment: wait, raise Lost, or before the effect raise Refusal."""
    if fault.when != moment:
        return
    time.sleep(fault.delay_seconds)
    if fault.outcome == "lost":
        raise Lost
    if fault.refusal and moment == "before":
        raise fault.refusal
