import contextlib
import signal
import time
from collections.abc import Callable
from types import FrameType

from sandbox.errors import CannotStart
from sandbox.part import Part, Running
from sandbox.process import Child, Command
from sandbox.ready import last_lines
from sandbox.watchdog import Watchdog

_TICK_SECONDS = 0.05
_STOP_SECONDS = 18.0


class StopAsked(Exception):
    """Somebody asked us to stop (Ctrl-C, SIGTERM, or the terminal was closed)."""


class Supervisor:
    """Starts parts in order, starts again what dies, and stops all of it in reverse order within 20 s.

    One thread does everything, between the waits. `say` gets a line for people; `on_change` is called after
    each restart. When this process is killed, the watchdog ends what it had started, and
    holds the file behind the descriptor `lock` until then.
    """

    def __init__(
        self, *, say: Callable[[str], None], on_change: Callable[[], None], lock: int | None = None
    ) -> None:
        self._say = say
        self._on_change = on_change
        self._running: list[Running] = []
        self._stop_asked = False
        self._watchdog = Watchdog(lock)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note_stop)

    def start(self, *parts: Part) -> None:
        """Start parts together and return when all are ready.

        Raises CannotStart when one dies first or takes too long.
        """
        group = []
        for part in parts:
            group.append(running := Running(part))
            self._running.append(running)
            self._watchdog.watch(running.child.pid, part.command.stop_signal)
        for running in group:
            self._await(running)
        for running in group:
            running.settled = True

    def run(self, title: str, command: Command, *, within: float) -> None:
        """Run a program to its end; raises CannotStart when it fails or needs more than `within` seconds."""
        child = Child(command)
        self._watchdog.watch(child.pid, command.stop_signal)
        try:
            self._wait_for(lambda: not child.alive, within)
            if child.exit_code != 0:
                raise CannotStart(_failure(title, command, child))
        finally:
            child.stop(within=1)
            self._watchdog.forget(child.pid)

    def watch(self) -> None:
        """Keep everything running until somebody asks to stop; then raises StopAsked."""
        self.watch_until(lambda: False)

    def watch_until(self, condition: Callable[[], bool]) -> None:
        """Keep everything running until the condition holds; raises StopAsked when somebody asks to stop."""
        while not condition():
            self._tick()

    def pids(self) -> dict[str, list[int]]:
        """The living main process of every part, by name."""
        found: dict[str, list[int]] = {}
        for running in self._running:
            found.setdefault(running.part.name, [])
            if running.child.alive:
                found[running.part.name].append(running.child.pid)
        return found

    def stop(self) -> None:
        """Stop all, the last started first; what does not listen is killed. Repeating it does nothing."""
        deadline = time.monotonic() + _STOP_SECONDS
        while self._running:
            name = self._running[-1].part.name
            group = [running for running in self._running if running.part.name == name]
            _stop_together(group, deadline)
            for running in group:
                self._watchdog.forget(running.child.pid)
                self._running.remove(running)
        self._watchdog.close()

    def _await(self, running: Running) -> None:
        part = running.part
        self._wait_for(lambda: not running.child.alive or running.ready, part.ready_within)
        if not running.child.alive or not running.ready:
            raise CannotStart(_failure(part.title, part.command, running.child))

    def _wait_for(self, condition: Callable[[], bool], within: float) -> None:
        """Go on watching until the condition holds or the time is over."""
        deadline = time.monotonic() + within
        while not condition() and time.monotonic() < deadline:
            self._tick()

    def _tick(self) -> None:
        if self._stop_asked:
            raise StopAsked
        for running in self._running:
            if running.settled and running.part.restart:
                self._look_after(running)
        time.sleep(_TICK_SECONDS)

    def _look_after(self, running: Running) -> None:
        if running.just_died():
            self._watchdog.forget(running.child.pid)
            self._say(f"{running.part.title} died (code {running.child.exit_code}); starting it again")
        elif running.due:
            with contextlib.suppress(CannotStart):
                running.start_again()
                self._watchdog.watch(running.child.pid, running.part.command.stop_signal)
                self._on_change()

    def _note_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_asked = True


def _stop_together(group: list[Running], deadline: float) -> None:
    for running in group:
        running.child.ask_to_stop()
    patience = min(deadline, time.monotonic() + max(running.part.stop_within for running in group))
    for running in group:
        running.child.finish(within=patience - time.monotonic())


def _failure(title: str, command: Command, child: Child) -> str:
    what = f"{title} is too slow" if child.alive else f"{title} ended with code {child.exit_code}"
    return f"{what}; the end of {command.log}:\n{last_lines(command.log)}"
