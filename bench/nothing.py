"""What Celery itself costs: the yardstick of deliveries."""

import time
from collections.abc import Callable
from uuid import uuid4

import redis
from celery import Celery

from bench.bare import QUEUE, bare
from bench.bench import Bench
from bench.rounds import Measure, Meter, Round
from bench.shop import BARE
from sandbox.ready import wait_until

PER_SECOND = 60.0
"""How many are sent when they are sent one by one."""
_LONGEST_SECONDS = 300
_MESSAGES_PER_ORDER = 20


def piled_up(bench: Bench) -> Measure:
    """Rounds of messages that piled up for a worker whose task does nothing.

    An operation is a message with one id, as a doorbell's is; sending it is not in its cost.
    """

    def measure(_seconds: float) -> Round:
        url, count = bench.shop.embedded.broker.url, _MESSAGES_PER_ORDER * bench.options.orders
        with bare(url) as app, redis.Redis.from_url(url) as broker:
            _send(app, count)
            with Meter(bench, bench.shop.bare_roots) as meter:
                elapsed = _worked(bench, broker, lambda: None)
        return meter.round(count, elapsed)

    return measure


def one_by_one(bench: Bench) -> Measure:
    """Rounds of messages that are sent one after the other, while nothing else waits.

    Receiving it is in the broker's part; who sends it is not counted.
    """

    def measure(seconds: float) -> Round:
        url, count = bench.shop.embedded.broker.url, max(round(seconds * PER_SECOND), 2)
        with (
            bare(url) as app,
            redis.Redis.from_url(url) as broker,
            Meter(bench, bench.shop.bare_roots) as meter,
        ):
            elapsed = _worked(bench, broker, lambda: _send(app, count, per_second=PER_SECOND))
        return meter.round(count, elapsed)

    return measure


def _send(app: Celery, count: int, *, per_second: float = float("inf")) -> None:
    began = time.perf_counter()
    for number in range(count):
        time.sleep(max(began + number / per_second - time.perf_counter(), 0))
        app.send_task("nothing", (str(uuid4()),))


def _worked(bench: Bench, broker: redis.Redis, meanwhile: Callable[[], None]) -> float:
    """Let the worker work until no message is left; answers how many seconds that took."""
    began = time.perf_counter()
    bench.shop.resume(BARE)
    meanwhile()
    wait_until(
        lambda: not broker.llen(QUEUE) and not broker.hlen("unacked"),
        within=_LONGEST_SECONDS,
        failure=f"Celery did not finish within {_LONGEST_SECONDS} s.",
    )
    elapsed = time.perf_counter() - began
    bench.shop.pause(BARE)
    return elapsed
