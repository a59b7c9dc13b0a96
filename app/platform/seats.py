"""Where each process keeps its numbers, so that one page can sum all of them and a kill loses none.

The processes of one machine share a folder. Each takes the lowest free *seat* there by a file lock, which
the kernel gives back however the process ends, and writes its numbers to the files of that seat. Who takes
the seat next goes on counting where the dead one stopped: counters never fall, and files never pile up.
"""

import fcntl
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

_LIVE_ONLY = "gauge_live"
"""How the files begin that say how a living process is; a dead one's are void."""


class Seats:
    """The seats of a folder; it is made if it is missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._owner = 0
        self._lock = -1
        self._name = ""
        folder.mkdir(parents=True, exist_ok=True)

    def mine(self) -> str:
        """The seat of this process, taken at the first call; a fork takes another."""
        if self._owner != os.getpid():
            self._leave_to_parent()
            self._lock, self._name = self._take()
            self._owner = os.getpid()
        return self._name

    def files(self) -> list[str]:
        """The files that count now: of every seat that was ever taken, but gauges of the living only."""
        return [str(path) for name in self._names() for path in self._files_of(name)]

    def _leave_to_parent(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)  # the parent keeps its own, and with it the seat

    def _take(self) -> tuple[int, str]:
        for number in count(1):
            name = f"s{number}"
            lock = self._try(name, fcntl.LOCK_EX)
            if lock is not None:
                for path in self._folder.glob(f"{_LIVE_ONLY}*_{name}.db"):
                    path.unlink(missing_ok=True)
                return lock, name
        raise AssertionError  # count() does not end

    def _try(self, name: str, kind: int) -> int | None:
        """A lock on a seat, until it is closed; None when another process holds it."""
        lock = os.open(self._folder / f"{name}.seat", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock

    def _names(self) -> Iterator[str]:
        return (path.stem for path in sorted(self._folder.glob("s*.seat")))

    def _files_of(self, name: str) -> list[Path]:
        files = sorted(self._folder.glob(f"*_{name}.db"))
        lock = self._try(name, fcntl.LOCK_SH)  # shared: two that look at once do not shut each other out
        if lock is None:
            return files
        os.close(lock)
        return [path for path in files if not path.name.startswith(_LIVE_ONLY)]
