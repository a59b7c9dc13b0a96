"""How many come in: in all, and of each caller."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.live.errors import TooManyStreams
from app.live.services.rules import LiveRules


class Doors:
    """Counts the streams of this process."""

    def __init__(self, rules: LiveRules) -> None:
        self._rules = rules
        self._inside: Counter[str] = Counter()

    @contextmanager
    def inside(self, caller: str) -> Iterator[None]:
        """Hold a place for as long as the block runs. Raises TooManyStreams when there is none."""
        if self._inside[caller] >= self._rules.streams_per_caller:
            raise TooManyStreams(
                f"You have {self._rules.streams_per_caller} streams open already: close one, or wait."
            )
        if self._inside.total() >= self._rules.streams:
            raise TooManyStreams("All places are taken at this moment. Come again a little later.")
        self._inside[caller] += 1
        try:
            yield
        finally:
            self._inside[caller] -= 1
            if not self._inside[caller]:
                del self._inside[caller]
