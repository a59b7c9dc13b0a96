import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.process import Child, Command

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
_STABLE_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A program that the supervisor keeps running.

    Parts of one `name` belong together: they are listed and stopped together. `ready` tells whether it works
    (None: as soon as it runs); `prepare` runs before every start; `stop_within` is in seconds.
    """

    name: str
    title: str
    command: Command
    ready: Callable[[], bool] | None = None
    ready_within: float = 60.0
    prepare: Callable[[], None] | None = None
    stop_within: float = 3.0
    restart: bool = True


class Running:
    """A part with its present process, and when it may be started again after that died.

    It is `settled` once it worked: only then is its death answered by a new start.
    """

    def __init__(self, part: Part) -> None:
        self.part = part
        self.settled = False
        self._pause = _FIRST_PAUSE
        self._died_at: float | None = None
        self._start()

    @property
    def ready(self) -> bool:
        """Whether it says that it works; one that says nothing is believed."""
        return self.part.ready is None or self.part.ready()

    @property
    def due(self) -> bool:
        """Whether it died and has paused long enough: longer each time, up to five seconds."""
        return self._died_at is not None and time.monotonic() >= self._died_at + self._pause

    def just_died(self) -> bool:
        """Whether it has died since the last call; what is left of its session is killed then."""
        if self._died_at is not None or self.child.alive:
            return False
        self.child.kill()
        self._died_at = time.monotonic()
        stable = self._died_at - self._started_at > _STABLE_SECONDS
        self._pause = _FIRST_PAUSE if stable else min(self._pause * 2, _LONGEST_PAUSE)
        return True

    def start_again(self) -> None:
        """Start the next process; when that raises CannotStart, it is due again after another pause."""
        self._died_at = time.monotonic()
        self._start()
        self._died_at = None

    def _start(self) -> None:
        if self.part.prepare:
            self.part.prepare()
        self.child = Child(self.part.command)
        self._started_at = time.monotonic()
