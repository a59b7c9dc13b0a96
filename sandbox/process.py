import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sandbox.account import Account
from sandbox.errors import CannotStart
from sandbox.ready import last_lines, wait_until
from sandbox.session import kill_session, members, send

_PR_SET_PDEATHSIG = 1
_C_LIBRARY = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program to start; `stop_signal` asks it politely to end.

    Its output is appended to `log` (None: it writes where we write). `env` is its whole environment
    (None: the same as ours). `account` is for a program that refuses root.
    """

    argv: Sequence[str | Path]
    log: Path | None
    env: Mapping[str, str] | None = None
    cwd: Path = Path("/")
    stop_signal: signal.Signals = signal.SIGTERM
    account: Account | None = None


class Child:
    """A running Command, leader of a session of its own; on Linux it gets its stop signal when we die.

    Must be made in the main thread: Linux sends that signal when the *thread* ends that started the child.
    """

    def __init__(self, command: Command) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("A child starts from the main thread, or it would die with the thread.")
        self.command = command
        self._process = _spawn(command)
        self.pid = self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process itself runs; its own children may outlive it."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.poll()

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once."""
        if self.alive:
            send(self.pid, self.command.stop_signal)

    def stop(self, *, within: float = 5.0) -> None:
        """Ask it to stop, give it `within` seconds, then kill what is left. Repeating it does nothing."""
        self.ask_to_stop()
        self.finish(within=within)

    def finish(self, *, within: float) -> None:
        """Give a child that was asked to stop `within` seconds, then kill what is left of its session."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=max(within, 0))
        self.kill()

    def kill(self) -> None:
        """SIGKILL it and what is left of its session; returns when all of it is gone."""
        if self.alive or members(self.pid):
            kill_session(self.pid)
        self._process.wait(timeout=5)


def launch(name: str, command: Command, *, ready: Callable[[], bool], within: float) -> Child:
    """Start a child and wait until it is ready.

    Raises CannotStart with the end of its log when it dies first or needs longer; nothing of it is left then.
    """
    child = Child(command)
    failure = f"{name} is not ready after {within:.0f} s: {last_lines(command.log)}"
    try:
        wait_until(lambda: not child.alive or ready(), within=within, failure=failure)
    except BaseException:
        child.kill()
        raise
    if not child.alive:
        child.kill()
        raise CannotStart(f"{name} ended with code {child.exit_code}: {last_lines(command.log)}")
    return child


def _spawn(command: Command) -> subprocess.Popen[bytes]:
    account = command.account
    with _opened(command.log) as output:
        return subprocess.Popen(
            [str(word) for word in command.argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            cwd=command.cwd,
            env=None if command.env is None else dict(command.env),
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            # Popen changes the user before it calls this, as it must: changing it clears the death signal.
            preexec_fn=_die_with_parent(command.stop_signal),
        )


def _opened(log: Path | None) -> AbstractContextManager[IO[bytes] | None]:
    if log is None:
        return contextlib.nullcontext()
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.open("ab")


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    library, parent = _C_LIBRARY, os.getpid()
    if library is None:
        return None

    def ask_for_death_signal() -> None:
        library.prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it died before we asked
            os.kill(os.getpid(), signal.SIGKILL)

    return ask_for_death_signal
