"""Outlives the supervisor by seconds: when that is killed, it ends what the supervisor had started."""

import contextlib
import io
import signal
import subprocess
import sys
import time
from typing import IO, cast

from sandbox.code import CODE
from sandbox.session import kill_session, members, send

_GRACE_SECONDS = 3.0


class Watchdog:
    """Knows every session that must not outlive this process: after SIGKILL we cannot end them ourselves."""

    def __init__(self, lock: int | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.watchdog"],
            stdin=subprocess.PIPE,
            cwd=CODE,
            start_new_session=True,
            pass_fds=() if lock is None else (lock,),
        )
        # Line by line: what is not sent yet when we are killed is lost.
        self._orders = io.TextIOWrapper(cast("IO[bytes]", self._process.stdin), line_buffering=True)

    def watch(self, leader: int, stop_signal: signal.Signals) -> None:
        """End this session after us: first by its stop signal, then by force."""
        self._tell(f"watch {leader} {int(stop_signal)}")

    def forget(self, leader: int) -> None:
        """This session has ended."""
        self._tell(f"forget {leader} 0")

    def close(self) -> None:
        """Let it look for leftovers once more and go."""
        with contextlib.suppress(BrokenPipeError):
            self._orders.close()
        self._process.wait(timeout=3 * _GRACE_SECONDS)

    def _tell(self, line: str) -> None:
        # Somebody may have killed it. Then the children still get their death signal, where there is one.
        with contextlib.suppress(BrokenPipeError):
            self._orders.write(f"{line}\n")


def main(orders: IO[str]) -> None:
    """Follow the orders of the supervisor; when they end, so has the supervisor."""
    watched: dict[int, signal.Signals] = {}
    for line in orders:
        order, leader, number = line.split()
        watched.pop(int(leader), None)
        if order == "watch":
            watched[int(leader)] = signal.Signals(int(number))
    _end(watched)


def _end(watched: dict[int, signal.Signals]) -> None:
    for leader, number in watched.items():
        if leader in members(leader):
            send(leader, number)
    deadline = time.monotonic() + _GRACE_SECONDS
    while any(members(leader) for leader in watched) and time.monotonic() < deadline:
        time.sleep(0.1)
    for leader in watched:
        kill_session(leader)


if __name__ == "__main__":
    # The end of its orders is the only reason to go.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    main(sys.stdin)
