from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock


class Fault(StrEnum):
    """What can go wrong when a mail is handed over."""

    REFUSE_FOR_NOW = "451"
    REFUSE = "550"
    HANG = "hang"
    CLOSE = "close"
    """The connection ends after DATA; the mail is not kept."""
    LOSE_ANSWER = "lose-answer"
    """The mail is kept, and the connection ends before the sender is told so."""


@dataclass(slots=True)
class Faults:
    """The fault ordered for the next mails: for `count` of them, or for all when `count` is None."""

    fault: Fault | None = None
    count: int | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def order(self, fault: Fault | None, count: int | None) -> None:
        """Replace what was ordered before; no fault means that all is well again."""
        with self._lock:
            self.fault, self.count = fault, count

    def take(self) -> Fault | None:
        """The fault for the mail at hand; one less is left."""
        with self._lock:
            fault = self.fault
            if fault is not None and self.count is not None:
                self.count -= 1
                self.fault = fault if self.count > 0 else None
            return fault
