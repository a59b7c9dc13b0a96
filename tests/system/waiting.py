import time
from collections.abc import Callable, Sequence

from proof.outages.scenario import Figure


def until(condition: Callable[[], bool], what: str, *, within: float = 60) -> None:
    """Return when the condition holds; fails, naming what was awaited, after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come within {within} s"
        time.sleep(0.1)


def broken(figures: Sequence[Figure]) -> list[Figure]:
    """What was promised and did not come to pass, or only after a hang; how soon: see `make outages`."""
    return [each for each in figures if not (each.kept or each.late)]
