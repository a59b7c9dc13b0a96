"""After an outage: how long until all work is done, and whether everything is as it should be."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from proof import oracle
from proof.outages.answers import Answer
from proof.outages.scenario import Figure
from proof.outages.shop import RunningShop
from proof.outages.shopping import Checkout
from sandbox.session import members

LONGEST_SECONDS = 180.0
BUSY = 5
"""So many times as long may a machine take that has other things to do."""
_LOOK_EVERY_SECONDS = 0.25
_LEFT = """
SELECT (SELECT count(*) FROM deliveries WHERE state IN ('pending', 'running')),
  (SELECT count(*) FROM messages WHERE status IN ('queued', 'sending'))
"""
_BROKEN = "broken invariants"
PARTS = ("api", "worker", "beat", "flower")
"""The shop's own processes, with their children."""


def seconds_until(
    condition: Callable[[], bool], since: float, *, longest: float = LONGEST_SECONDS
) -> float | None:
    """From `since` (by time.time()) until it holds; None when that takes longer than `longest`."""
    while not condition():
        if time.time() > since + longest:
            return None
        time.sleep(_LOOK_EVERY_SECONDS)
    return time.time() - since


def is_done(shop: RunningShop) -> bool:
    """Whether the shop owes no work, and Stripe no webhook."""
    if shop.rows(_LEFT) != [(0, 0)]:
        return False
    return all(each["state"] != "pending" for each in shop.order_stripe("books", "GET")["deliveries"])


def in_time(what: str, measured: float | None, *, most: float) -> Figure:
    """A time in seconds that may not be longer; None is never."""
    promised = f"<= {most:g} s"
    if measured is None:
        return Figure(what, "never", promised, kept=False)
    late = most < measured <= BUSY * most
    return Figure(what, f"{measured:.1f} s", promised, kept=measured <= most, late=late)


def none_of(what: str, found: Sequence[object]) -> Figure:
    """Something that may not be; the first few are told."""
    told = f"{len(found)}: {'; '.join(map(str, found[:3]))}" if found else "0"
    return Figure(what, told, "0", kept=not found)


def judged_at_rest(shop: RunningShop, answers: Sequence[Answer | Checkout] = ()) -> Figure:
    """What the oracle says once all work is done, which is waited for."""
    if seconds_until(lambda: is_done(shop), since=time.time()) is None:
        return none_of(_BROKEN, ["the work does not end"])
    return judged(shop, answers)


def judged(shop: RunningShop, answers: Sequence[Answer | Checkout]) -> Figure:
    """What the oracle says of the shop at rest."""
    books = shop.order_stripe("books", "GET")
    history = [each.request() for each in answers]
    verdict = oracle.judge(shop.facts["database_url"], books=books, inbox=shop.inbox, history=history)
    told = [f"{each.id} {each.sentence} {', '.join(each.examples)}" for each in verdict.violations]
    return none_of(_BROKEN, told)


def processes(shop: RunningShop) -> dict[int, str]:
    """Every process of the shop's own programs, with its part."""
    pids = shop.facts["pids"]
    return {pid: part for part in PARTS for leader in pids[part] for pid in members(leader)}


def ended(before: dict[int, str]) -> Figure:
    """Which of the processes are no more."""
    gone = [f"{part} {pid}" for pid, part in before.items() if not Path(f"/proc/{pid}").exists()]
    return none_of("processes that ended", gone)
