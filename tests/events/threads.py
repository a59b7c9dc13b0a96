from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")
AT_ONCE = 6


def at_once(work: Callable[[int], T]) -> list[T]:
    """Start the work in several threads at the same moment; what each answered."""
    start = Barrier(AT_ONCE)

    def run(number: int) -> T:
        start.wait(timeout=20)
        return work(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))
