import time
from collections.abc import Callable


def until(condition: Callable[[], bool], what: str, *, within: float = 60) -> None:
    """Return when the condition holds; fails, naming what was awaited, after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come within {within} s"
        time.sleep(0.1)
