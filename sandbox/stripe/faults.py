"""Faults on demand: slow answers, errors before the effect, and answers lost after it."""

import random
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from sandbox.stripe import connections
from sandbox.stripe.books import Json
from sandbox.stripe.errors import Refusal

HangUp = Callable[[socket.socket], None]
ERRORS: dict[int, Json] = {
    400: {"type": "invalid_request_error", "message": "The request was refused, as ordered."},
    401: {"type": "invalid_request_error", "message": "Invalid API key provided."},
    402: {"type": "card_error", "message": "Your card was declined.", "code": "card_declined"},
    409: {"type": "invalid_request_error", "message": "The object is locked.", "code": "lock_timeout"},
    429: {"type": "invalid_request_error", "message": "Too many requests.", "code": "rate_limit"},
}
API_ERROR: Json = {"type": "api_error", "message": "An error occurred on the stand-in's side, as ordered."}
WITHOUT_ANSWER: dict[str, HangUp] = {
    "lost": connections.close,
    "reset": connections.reset,
    "silence": connections.stay_silent,
}


@dataclass
class Fault:
    """What befalls the next `calls` requests (None: all) of a method (None: any) below a path.

    With a `share` below 1 only so many of those that fit, by chance. `befell` counts them.

    In the path `*` stands for any one part; `exact` spares what is below it. The outcome is the normal
    "answer", or none: the connection is closed ("lost"), broken off ("reset") or left open ("silence"), or a
    status code with an error of this `type`, `code` and `message` and these `headers`. It and the delay come
    before the effect or after it. A status after the effect is kept under the idempotency key, one before it
    only if `kept`.
    """

    path: str
    method: str | None = None
    exact: bool = False
    calls: int | None = 1
    delay_seconds: float = 0
    when: Literal["before", "after"] = "before"
    outcome: Literal["answer", "lost", "reset", "silence"] | int = "answer"
    type: str | None = None
    code: str | None = None
    message: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    kept: bool = False
    share: float = 1
    befell: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Refuse what could never happen; raises ValueError."""
        if self.when not in ("before", "after"):
            raise ValueError("when is before or after.")
        if self.method not in (None, "GET", "POST", "DELETE"):
            raise ValueError("method is GET, POST or DELETE.")
        if self.delay_seconds < 0 or (self.calls is not None and self.calls < 1):
            raise ValueError("calls goes from 1, delay_seconds from 0.")
        if not 0 < self.share <= 1:
            raise ValueError("share is above 0, at most 1.")
        known = self.outcome == "answer" or self.outcome in WITHOUT_ANSWER
        if not known and not (isinstance(self.outcome, int) and 400 <= self.outcome <= 599):
            raise ValueError(f"outcome is answer, {', '.join(WITHOUT_ANSWER)} or a status from 400 to 599.")

    @property
    def refusal(self) -> Refusal | None:
        """The ordered error, if the outcome is a status."""
        if isinstance(self.outcome, str):
            return None
        ordered = {"type": self.type, "code": self.code, "message": self.message}
        told = {name: value for name, value in ordered.items() if value is not None}
        usual = ERRORS[400] if self.outcome < 500 else API_ERROR
        error = ERRORS.get(self.outcome, usual) | told
        return Refusal(self.outcome, error.pop("type"), error.pop("message"), headers=self.headers, **error)

    def fits(self, method: str, path: str) -> bool:
        """Whether a request is one of those that it may befall."""
        pattern = "[^/]*".join(map(re.escape, self.path.split("*"))) + ("" if self.exact else ".*")
        return self.method in (None, method) and re.fullmatch(pattern, path) is not None


class Lost(Exception):
    """The answer must not reach the client; `how` ends the connection."""

    def __init__(self, how: HangUp) -> None:
        super().__init__("No answer, as ordered.")
        self.how = how


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
                if fault.fits(method, path) and random.random() < fault.share:  # noqa: S311  # disorder, not secrecy
                    self._use(fault)
                    return fault
        return Fault(path=path)

    def _use(self, fault: Fault) -> None:
        fault.befell += 1
        if fault.calls is not None:
            fault.calls -= 1
            if fault.calls <= 0:
                self._ordered.remove(fault)


def suffer(fault: Fault, moment: Literal["before", "after"]) -> None:
    """Do what is ordered for this moment: wait, raise Lost, or before the effect raise Refusal."""
    if fault.when != moment:
        return
    time.sleep(fault.delay_seconds)
    if fault.outcome in WITHOUT_ANSWER:
        raise Lost(WITHOUT_ANSWER[str(fault.outcome)])
    if fault.refusal and moment == "before" and not fault.kept:
        raise fault.refusal
