"""Deliveries whose work is nothing, so that only their keeping is measured; see `bench.workers`."""

import time
from collections.abc import Mapping

from bench.apart import Apart
from bench.backroom import clear, done, worked
from bench.bench import Bench
from bench.child import become_the_shop, start_as_a_child_does
from bench.errors import BenchFailed
from bench.nothing import PER_SECOND
from bench.rounds import Measure, Meter, Round

_DELIVERIES_PER_ORDER = 20
_LONGEST_SECONDS = 300.0
_DELAYS = """
SELECT (extract(epoch FROM done_at - occurred_at) * 1000)::float
FROM deliveries JOIN events ON events.id = event_id WHERE state = 'done'
"""


def one_by_one(bench: Bench) -> Measure:
    """Rounds of facts that are published one after the other, while nothing else waits.

    An operation is a delivery; p50 and p99 are the time from the fact to the end of its delivery. Writing it
    down is in PostgreSQL's part; the process that does it is not counted.
    """
    publisher = _publisher(bench)

    def measure(seconds: float) -> Round:
        clear(bench)
        count = max(round(seconds * PER_SECOND), 2)
        worked(bench)
        with Meter(bench, bench.shop.roots) as meter:
            began = time.perf_counter()
            publisher.do(_LONGEST_SECONDS, _publish, count, PER_SECOND)
            worked(bench)
            elapsed = time.perf_counter() - began
        bench.shop.pause()
        _check(bench, count)
        delays = [delay for (delay,) in bench.connection.execute(_DELAYS).fetchall()]
        return meter.round(count, elapsed, delays)

    return measure


def with_backlog(bench: Bench) -> Measure:
    """Rounds of facts that were published while nobody was at work; publishing them is not in their cost."""
    publisher = _publisher(bench)

    def measure(_seconds: float) -> Round:
        clear(bench)
        count = _DELIVERIES_PER_ORDER * bench.options.orders
        publisher.do(_LONGEST_SECONDS, _publish, count, float("inf"))
        with Meter(bench, bench.shop.roots) as meter:
            elapsed = worked(bench)
        bench.shop.pause()
        _check(bench, count)
        return meter.round(count, elapsed)

    return measure


def _publisher(bench: Bench) -> Apart:
    publisher = bench.until_the_end.enter_context(Apart())
    publisher.do(_LONGEST_SECONDS, _prepare, bench.shop.environment)
    return publisher


def _check(bench: Bench, count: int) -> None:
    # The clock may have owed a delivery of its own meanwhile.
    if done(bench) < count:
        raise BenchFailed(f"{count} facts were published; {done(bench)} deliveries are done.")


def _prepare(environment: Mapping[str, str]) -> None:
    become_the_shop(environment)
    start_as_a_child_does()
    from config import load
    from tasks import doorbell
    from tasks.celery import app

    doorbell.install(app, load())


def _publish(count: int, per_second: float) -> None:
    """So many facts, each in a transaction of its own, as requests publish them."""
    from app.events.services import publish
    from app.identity.events import GuestSignedIn
    from app.platform.db import transaction
    from app.platform.ids import new_id

    began = time.perf_counter()
    for number in range(count):
        time.sleep(max(began + number / per_second - time.perf_counter(), 0))
        with transaction() as session:
            publish(session, GuestSignedIn(user_id=new_id(), token_hash=""))
