"""People who go on buying, and a provider that goes on telling, whatever is away."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from proof.outages.answers import Answer
from proof.outages.shop import RunningShop
from proof.outages.visitor import Visitor
from proof.outages.webhook import tell

PAUSE_SECONDS = 1.0
"""Between two purchases of one thread, and two webhooks."""
WARM_UP_SECONDS = 2.0


@contextmanager
def shopping(shop: RunningShop, variant: dict[str, Any], *, buyers: int) -> Iterator[list[Answer]]:
    """So many buy at once, one guest after the other, and webhooks come, until the block ends.

    The list grows with each answer; it is complete after the block. Raises PurchaseFailed then, when a
    purchase was refused.
    """
    answers: list[Answer] = []
    closed = threading.Event()
    stripe = shop.facts["stripe"]  # read now: the run file is not always there to be read
    teller = Visitor(shop.api, answers.append)

    def purchase() -> None:
        Visitor(shop.api, answers.append).buy(variant, stripe)

    with ThreadPoolExecutor(buyers + 1) as pool:
        busy = [pool.submit(_until, closed, purchase) for _ in range(buyers)]
        busy.append(pool.submit(_until, closed, lambda: tell(teller, stripe["webhook_secret"])))
        try:
            time.sleep(WARM_UP_SECONDS)
            yield answers
        finally:
            closed.set()
    for each in busy:
        each.result()


def _until(closed: threading.Event, act: Callable[[], object]) -> None:
    while not closed.wait(PAUSE_SECONDS):
        act()
