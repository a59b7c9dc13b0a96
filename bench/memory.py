"""What the shop's processes take of the machine's memory once they have worked."""

import psutil

from bench.backroom import done, piled_up, worked
from bench.bench import Bench
from bench.buying import Flows
from bench.cpu import tree
from bench.errors import BenchFailed
from bench.paths import Path, details, first_page
from bench.rounds import Measure, Meter, Round, asked
from bench.shop import LEAN

_MEGABYTE = 1024 * 1024


def memory(bench: Bench) -> Measure:
    """Rounds of load on the API with its two processes, and of a backlog for one worker with two children.

    An operation is a delivery of that backlog. The facts are proportional set sizes (PSS) in MB after it:
    memory that several processes share counts once.
    """
    paths: tuple[Path, ...] = (
        first_page(),
        details(bench.options.products),
        Flows(bench.connection, bench.crowd),
    )

    def measure(seconds: float) -> Round:
        for path in paths:
            asked(bench, path, seconds)
        piled_up(bench)
        with Meter(bench, bench.shop.roots) as meter:
            elapsed = worked(bench, LEAN)
        facts = {"API MB": _pss(bench, "api"), "Celery MB": _pss(bench, "lean")}
        bench.shop.pause(LEAN)
        together = {"together MB": sum(facts.values())}
        others = {f"{name} MB": _pss(bench, name) for name in ("beat", "postgres", "redis", "broker")}
        return meter.round(done(bench), elapsed, facts=facts | together | others)

    return measure


def _pss(bench: Bench, part: str) -> float:
    """Megabytes of a part with all its processes."""
    processes = [process for root in bench.shop.roots[part] for process in tree(root)]
    try:
        return sum(process.memory_full_info().pss for process in processes) / _MEGABYTE
    except (psutil.Error, AttributeError):
        raise BenchFailed(f"The memory of {part} cannot be read: that needs Linux.") from None
