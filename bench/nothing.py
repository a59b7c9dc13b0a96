"""What Celery itself costs: the yardstick of deliveries."""

import time
from uuid import uuid4

import redis

from bench.bare import QUEUE, bare
from bench.bench import Bench
from bench.rounds import Measure, Meter, Round
from bench.shop import BARE
from sandbox.ready import wait_until

_LONGEST_SECONDS = 300
_MESSAGES_PER_ORDER = 20


def nothing(bench: Bench) -> Measure:
    """Rounds of messages that piled up for a worker whose task does nothing.

    An operation is a message with one id, as a doorbell's is; sending it is not in its cost.
    """

    def measure(_seconds: float) -> Round:
        url, count = bench.shop.embedded.broker.url, _MESSAGES_PER_ORDER * bench.options.orders
        with bare(url) as app, redis.Redis.from_url(url) as broker:
            for _ in range(count):
                app.send_task("nothing", (str(uuid4()),))
            with Meter(bench, bench.shop.bare_roots) as meter:
                elapsed = _worked(bench, broker)
        bench.shop.pause(BARE)
        return Round(operations=count, seconds=elapsed, cpu=meter.cpu, milliseconds=[])

    return measure


def _worked(bench: Bench, broker: redis.Redis) -> float:
    """Let the worker work until no message is left; answers how many seconds that took."""
    began = time.perf_counter()
    bench.shop.resume(BARE)
    wait_until(
        lambda: not broker.llen(QUEUE) and not broker.hlen("unacked"),
        within=_LONGEST_SECONDS,
        failure=f"Celery did not finish within {_LONGEST_SECONDS} s.",
    )
    return time.perf_counter() - began
