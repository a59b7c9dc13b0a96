"""Gate F10: what an order costs more while both Redis are down."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from proof.outages.answers import Answer, percentile, statuses
from proof.outages.redis import await_redis, stopped
from proof.outages.rest import in_time, is_done, judged, seconds_until
from proof.outages.scenario import Figure
from proof.outages.shop import RunningShop
from proof.outages.shopping import stock_up
from proof.outages.visitor import Visitor

FIRST_HIT_MS, LATER_MS = 500.0, 10.0
DONE_WITHIN_SECONDS = 120.0
ROUNDS = 3
"""Calm and outage take turns, so that a machine that gets busier does not look like either."""


@dataclass(frozen=True, slots=True)
class WithoutRedis:
    """Orders are placed one after the other, with Redis and without."""

    name: str = "gate-api"
    usual_seconds: float = 20.0

    def measure(self, shop: RunningShop, *, seconds: float, **_: int) -> Sequence[Figure]:
        """See the protocol."""
        variant = stock_up(shop, 100_000)
        calm: list[Answer] = []
        away: list[Answer] = []
        for _round in range(ROUNDS):
            _order(shop, variant["id"], calm, seconds / ROUNDS)
            with stopped(shop):
                _order(shop, variant["id"], away, seconds / ROUNDS)
            await_redis(shop)
        done = seconds_until(lambda: is_done(shop), since=time.time())
        tried = _who_tried_the_broker(shop)
        hits = [each for each in away if each.headers.get("x-request-id") in tried]
        others = [each for each in away if each not in hits]
        created = all(each.granted for each in away)
        return (
            Figure("orders", statuses(away), "2xx only", kept=created and bool(away)),
            Figure("p99 with Redis", f"{_p99(calm):.0f} ms", "-", kept=True),
            _added("added p99, who tries the broker", hits, calm, most=FIRST_HIT_MS),
            _added("added p99, behind the breaker", others, calm, most=LATER_MS),
            in_time("until all work was done", done, most=DONE_WITHIN_SECONDS),
            judged(shop, [*calm, *away]),
        )


def _order(shop: RunningShop, variant_id: str, answers: list[Answer], seconds: float) -> None:
    def note(answer: Answer) -> None:
        if answer.what == "checkout":
            answers.append(answer)

    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        Visitor(shop.api, note).check_out({"id": variant_id})


def _who_tried_the_broker(shop: RunningShop) -> set[str]:
    """The requests behind whose commit the doorbell found out that nobody answers."""
    lines = (shop.folder / "var/log/api.log").read_bytes().splitlines()
    silent = [orjson.loads(line) for line in lines if b'"doorbell_silent"' in line]
    return {line["request_id"] for line in silent}


def _added(what: str, those: Sequence[Answer], calm: Sequence[Answer], *, most: float) -> Figure:
    added = _p99(those) - _p99(calm)
    return Figure(f"{what} ({len(those)})", f"{added:+.0f} ms", f"<= {most:g} ms", kept=added <= most)


def _p99(answers: Sequence[Answer]) -> float:
    """In milliseconds; 0 of none."""
    return percentile([each.seconds for each in answers], 0.99) * 1000 if answers else 0.0


GATE = WithoutRedis()
