import signal
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Self

from sandbox.code import CODE

_EVERY_SECONDS = 0.001


class Sampler:
    """Looks every millisecond of CPU time at what the main thread does, while the block runs.

    `libraries` counts by the package whose line it was; `ours` by each function of the shop on the stack, so
    that a function's share holds everything that it calls.
    """

    def __init__(self) -> None:
        self.samples = 0
        self.libraries: Counter[str] = Counter()
        self.ours: Counter[str] = Counter()

    def __enter__(self) -> Self:
        """Begin."""
        self._before = signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _EVERY_SECONDS, _EVERY_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, self._before)

    def shares(self, counted: Counter[str], most: int) -> list[tuple[str, float]]:
        """The largest shares of all samples."""
        return [(name, round(count / max(self.samples, 1), 4)) for name, count in counted.most_common(most)]

    def _look(self, _number: int, frame: FrameType | None) -> None:
        self.samples += 1
        if frame:
            self.libraries[_package(frame)] += 1
        seen = set()
        while frame:
            path = Path(frame.f_code.co_filename)
            if path.is_relative_to(CODE / "app") or path.is_relative_to(CODE / "tasks"):
                seen.add(f"{path.relative_to(CODE)} {frame.f_code.co_qualname}")
            frame = frame.f_back
        self.ours.update(seen)


def _package(frame: FrameType) -> str:
    """The distribution, or the shop's package, that a frame's line belongs to."""
    parts = Path(frame.f_code.co_filename).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    if Path(*parts).is_relative_to(CODE):
        return "/".join(Path(*parts).relative_to(CODE).parts[:2])
    return "python"
