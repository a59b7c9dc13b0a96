"""Questions to a server that is starting, and one way to wait for the answer."""

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from sandbox.errors import CannotStart


def listens(port: int) -> bool:
    """Whether something accepts connections on this port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
    except OSError:
        return False
    return True


def answers(url: str) -> bool:
    """Whether GET answers 200 within two seconds."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own http addresses
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def says(log: Path, text: str) -> Callable[[], bool]:
    """A check whether `text` was written to the log after now."""
    start = log.stat().st_size if log.exists() else 0

    def said() -> bool:
        if not log.exists():
            return False
        with log.open("rb") as lines:
            lines.seek(start)
            return text.encode() in lines.read()

    return said


def wait_until(condition: Callable[[], bool], *, within: float, failure: str) -> None:
    """Return when the condition holds; raises CannotStart with `failure` after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise CannotStart(failure)
        time.sleep(0.02)


def last_lines(log: Path | None, count: int = 5) -> str:
    """The end of a log, for a person who must find out why a program died."""
    if log is None or not log.exists():
        return "it left no log"
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
