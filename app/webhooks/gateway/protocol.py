"""What is asked of whoever calls third parties, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Call:
    """A POST of these bytes."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended: `status` is the receiver's, None when it gave none, and then `error` says why.

    `excerpt` is how the answer begins, fit to be stored and shown. `retry_after` is what was asked for.
    """

    milliseconds: int
    status: int | None = None
    error: str | None = None
    excerpt: str | None = None
    retry_after: timedelta | None = None

    @property
    def is_success(self) -> bool:
        """Whether the receiver has taken it: any 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_overload(self) -> bool:
        """Whether the receiver as a whole cannot now, whatever the message."""
        return self.status is None or self.status == 429 or self.status >= 500


class Poster(Protocol):
    """Whoever calls third parties."""

    def post(self, call: Call) -> Answer:
        """Make a call, of bounded time and size; whatever goes wrong outside is an answer, too."""
