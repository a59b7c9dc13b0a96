"""Several threads that start at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")
AT_ONCE = 6


def at_once(work: Callable[[int], T]) -> list[T]:
    """Do the same `AT_ONCE` times; it gets its number. What each answered."""
    return together(*(partial(work, number) for number in range(AT_ONCE)))


def together(*works: Callable[[], T]) -> list[T]:
    """Do all of these, each in a thread of its own; what each answered."""
    start = Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        start.wait(timeout=20)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))
