"""Holds that end all at once, and what those notice who read meanwhile."""

import time
from collections.abc import Iterator
from datetime import datetime

from bench.apart import Apart
from bench.arrivals import Arrivals, meet
from bench.backroom import clear
from bench.bench import Bench
from bench.child import become_the_shop
from bench.holds import ended, left, place_due
from bench.paths import details, first_page
from bench.report import percentile
from bench.requests import raw
from bench.rounds import Measure, Meter, Round

_READS_PER_SECOND = 40.0
_CALM_SECONDS = 6.0
_LONGEST_SECONDS = 400.0


def expiry(bench: Bench) -> Measure:
    """Rounds of orders whose hold is over: a tenth of what was asked for, then all of it.

    An operation is an order that was ended; a round has its end after 400 s, too. People read lists and
    details meanwhile, who do not wait for each other: p50 and p99 are theirs, and their cost is in it.
    """
    sizes = _sizes(bench.options.holds)
    clock = bench.until_the_end.enter_context(Apart())
    clock.do(_LONGEST_SECONDS, become_the_shop, bench.shop.environment)

    def measure(seconds: float) -> Round:
        size = next(sizes)
        clear(bench)
        place_due(bench.connection, size)
        calm = percentile(_read(bench, min(_CALM_SECONDS, 2 * seconds)), 99) or 0.0
        with Meter(bench, bench.shop.roots) as meter:
            began = _now(bench)
            clock.do(_LONGEST_SECONDS, _strike)
            meanwhile = list(_reading_until_ended(bench, min(1.0, seconds)))
        bench.shop.pause()
        count, elapsed = ended(bench.connection, began)
        facts = {
            f"{size} holds per s": count / elapsed,
            f"p99 beside {size} over calm": (percentile(meanwhile, 99) or 0.0) / calm,
            "left": float(size - count),
        }
        return meter.round(count, elapsed, meanwhile, facts)

    return measure


def _strike() -> None:
    """Send the tick that beat sends every few seconds: nobody waits for the first one."""
    from tasks.celery import app

    app.send_task("settlement.expire_due")


def _sizes(holds: int) -> Iterator[int]:
    """To warm up, and of each round."""
    return iter([max(holds // 100, 1), max(holds // 10, 1), holds])


def _reading_until_ended(bench: Bench, step: float) -> Iterator[float]:
    bench.shop.resume()
    end = time.monotonic() + _LONGEST_SECONDS
    while left(bench.connection) and time.monotonic() < end:
        yield from _read(bench, step)


def _read(bench: Bench, seconds: float) -> list[float]:
    operations = [*first_page().operations(1), *details(bench.options.products).operations(1)[:20]]
    arrivals = Arrivals(
        port=bench.shop.api_port,
        operations=raw(operations),
        expected=(200,),
        seconds=seconds,
        per_second=_READS_PER_SECOND,
        connections=16,
    )
    return meet(bench.clients, arrivals).milliseconds


def _now(bench: Bench) -> datetime:
    (moment,) = bench.connection.execute("SELECT now()").fetchone() or (None,)
    if not isinstance(moment, datetime):
        raise TypeError("PostgreSQL has no clock.")
    return moment
