import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sandbox.errors import CannotStart

_LONGEST_CLEANING = 15.0


@contextmanager
def only_one(folder: Path) -> Iterator[int]:
    """Hold the lock of the folder, and answer its descriptor for the watchdog, who holds it a little longer.

    So a start right after a SIGKILL waits until what was left is gone. Raises CannotStart when another
    `make run` is up.
    """
    (folder / "var").mkdir(parents=True, exist_ok=True)
    with (folder / "var/lock").open("a+") as lock:
        deadline = time.monotonic() + _LONGEST_CLEANING
        while not _got(lock):
            if _owner_lives(lock) or time.monotonic() > deadline:
                raise CannotStart(f"Another `make run` is up in {folder}: stop it first")
            time.sleep(0.1)
        lock.truncate(0)
        print(os.getpid(), file=lock, flush=True)
        yield lock.fileno()


def _got(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _owner_lives(lock: IO[str]) -> bool:
    lock.seek(0)
    owner = lock.read().strip()
    try:
        os.kill(int(owner), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:  # somebody else's, so it lives
        return True
    return True
