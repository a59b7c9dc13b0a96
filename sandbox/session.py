"""What still runs in the session of a process that we started, whether that process lives or not."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")


def members(leader: int) -> list[int]:
    """The living processes of the session that `leader` began; without a /proc, of its process group."""
    return [pid for pid, _, owner, state in _table() if owner == leader and not state.startswith("Z")]


def children(parent: int) -> list[int]:
    """The living processes that this one has made, in whatever session they are."""
    return [pid for pid, maker, _, state in _table() if maker == parent and not state.startswith("Z")]


def kill_session(leader: int, *, within: float = 5.0) -> None:
    """SIGKILL everything in the session; returns when nothing of it is left, or after `within` seconds."""
    deadline = time.monotonic() + within
    while (left := members(leader)) and time.monotonic() < deadline:
        for pid in left:
            send(pid, signal.SIGKILL)
        time.sleep(0.02)


def send(pid: int, number: signal.Signals) -> None:
    """Signal one process; one that is gone already is fine."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def working_in(directory: Path) -> list[int]:
    """The processes whose working directory this is; none where there is no /proc."""
    return [int(entry.name) for entry in _proc_entries() if _target(entry / "cwd") == str(directory)]


def _table() -> Iterator[tuple[int, int, int, str]]:
    """Process id, that of its parent, the id it is grouped by, and state, of every process."""
    if not (_PROC / "self/stat").exists():
        yield from _table_by_ps()
        return
    for entry in _proc_entries():
        with contextlib.suppress(OSError):
            # The name in parentheses may hold blanks and parentheses: what follows the last one is regular.
            state, parent, _group, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            yield int(entry.name), int(parent), int(session), state


def _table_by_ps() -> Iterator[tuple[int, int, int, str]]:
    listing = subprocess.run(
        ["/bin/ps", "-A", "-o", "pid=,ppid=,pgid=,stat="], capture_output=True, text=True, check=True
    )
    for line in listing.stdout.splitlines():
        pid, parent, group, state = line.split()
        yield int(pid), int(parent), int(group), state


def _proc_entries() -> list[Path]:
    return [entry for entry in _PROC.iterdir() if entry.name.isdigit()] if _PROC.is_dir() else []


def _target(link: Path) -> str | None:
    try:
        return os.readlink(link)
    except OSError:
        return None
