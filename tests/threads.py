"""Several threads that start at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")
AT_ONCE = 6
CONNECTIONS = 10
"""Of a process of the shop: more threads would only wait for one, and be refused when that takes long."""


def at_once(work: Callable[[int], T]) -> list[T]:
    """Do the same `AT_ONCE` times; it gets its number. What each answered."""
    return together(*(partial(work, number) for number in range(AT_ONCE)))


def together(*works: Callable[[], T]) -> list[T]:
    """Do all of these in threads, of which `CONNECTIONS` at most begin at once; what each answered."""
    width = min(len(works), CONNECTIONS)
    start = Barrier(width)

    def run(number: int, work: Callable[[], T]) -> T:
        if number < width:
            start.wait(timeout=20)
        return work()

    with ThreadPoolExecutor(width) as pool:
        return list(pool.map(run, range(len(works)), works))
