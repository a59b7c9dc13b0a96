import contextlib
import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Progress:
    """Lines for the person at the terminal, each with the seconds since the start."""

    _start: float = field(default_factory=time.monotonic)

    def say(self, line: str) -> None:
        """Print a line. A terminal that is gone is no reason to stop."""
        with contextlib.suppress(OSError):
            print(f"{time.monotonic() - self._start:6.1f} s  {line}", flush=True)
