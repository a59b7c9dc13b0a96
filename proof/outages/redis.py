"""Both Redis are dead, or hang, while people buy: nobody notices, and all work is done soon afterwards."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

import redis

from proof.outages.answers import Answer, slowest, statuses
from proof.outages.crowd import shopping
from proof.outages.rest import ended, in_time, is_done, judged, processes, seconds_until
from proof.outages.scenario import Figure
from proof.outages.shop import RunningShop
from proof.outages.shopping import stock_up

PARTS = ("redis", "broker")
SLOWEST_SECONDS = 3.0
DONE_WITHIN_SECONDS = 30.0
KINDS = ("catalog", "cart", "checkout", "webhook")


@dataclass(frozen=True, slots=True)
class RedisAway:
    """Neither Redis gives an answer, in one of two ways."""

    name: str
    away: Callable[[RunningShop], AbstractContextManager[object]]
    usual_seconds: float = 60.0

    def measure(self, shop: RunningShop, *, seconds: float, buyers: int) -> Sequence[Figure]:
        """See the protocol."""
        before = processes(shop)
        with shopping(shop, stock_up(shop, 10_000), buyers=buyers) as answers:
            with self.away(shop):
                gone_at = time.time()
                time.sleep(seconds)
                back_at = time.time()
            await_redis(shop)
            returned_at = time.time()
        done = seconds_until(lambda: is_done(shop), since=returned_at)
        meanwhile = [each for each in answers if each.ended >= gone_at and each.began <= back_at]
        return (
            *(_answered(kind, meanwhile) for kind in KINDS),
            in_time("slowest answer", slowest(meanwhile), most=SLOWEST_SECONDS),
            in_time("until all work was done", done, most=DONE_WITHIN_SECONDS),
            ended(before),
            judged(shop, answers),
        )


def await_redis(shop: RunningShop) -> None:
    """Wait until both answer."""
    for url in (shop.facts["redis_url"], shop.facts["broker_url"]):
        with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as server:
            while not _answers(server):
                time.sleep(0.05)


def _answers(server: redis.Redis) -> bool:
    try:
        return bool(server.ping())
    except redis.RedisError:
        return False


def _answered(kind: str, meanwhile: Sequence[Answer]) -> Figure:
    those = [each for each in meanwhile if each.what == kind]
    kept = bool(those) and all(each.granted for each in those)
    return Figure(f"{kind}: answers", statuses(those), "2xx only", kept=kept)


def stopped(shop: RunningShop) -> AbstractContextManager[object]:
    """Both are dead until the block ends."""
    return shop.without(*PARTS)


@contextmanager
def hung(shop: RunningShop) -> Iterator[None]:
    """Both take connections and say nothing until the block ends."""
    with ExitStack() as still:
        for part in PARTS:
            for pid in shop.pids(part):
                still.enter_context(shop.frozen(pid))
        yield


STOPPED = RedisAway("redis-stopped", stopped)
HUNG = RedisAway("redis-hung", hung)
