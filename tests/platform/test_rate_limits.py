import os
from collections.abc import Callable

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.platform.rate_limits.policy import Limit, limit_of
from app.platform.rate_limits.tally import MOST_CALLERS, UNSHARED, Tally
from sandbox.ports import free_port
from tests.threads import together

OURS = f"test-{os.getpid()}"
"""Callers of this process: the others that run tests have the same Redis."""
NOON = 1_800_000_000.0  # a whole minute
STRICT, GENEROUS = limit_of(10), limit_of(600)


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def process(urls: dict[str, str], clock: Clock) -> Callable[[], Tally]:
    """What counts requests in one process; each call makes another, with the same empty Redis."""
    server: Redis = Redis.from_url(urls["cache"])
    for name in server.scan_iter(f"rate:{OURS}:*"):
        server.delete(name)
    return lambda: Tally(server, now=clock)


def allowed(tally: Tally, limit: Limit, *, times: int) -> int:
    return sum(tally.charge(f"{OURS}:one", limit).allowed for _ in range(times))


def test_a_strict_limit_is_exact_over_all_processes(process: Callable[[], Tally]) -> None:
    first, second = process(), process()

    admitted = sum(
        tally.charge(f"{OURS}:one", STRICT).allowed for _ in range(10) for tally in (first, second)
    )

    assert admitted == 10


def test_a_strict_limit_is_exact_for_many_at_once(process: Callable[[], Tally]) -> None:
    tallies = [process(), process()]

    admitted = together(*(lambda each=each: allowed(each, STRICT, times=10) for each in tallies * 3))

    assert sum(admitted) <= 10


def test_a_generous_limit_is_overdrawn_by_a_batch_per_process_at_most(process: Callable[[], Tally]) -> None:
    tallies = [process() for _ in range(3)]

    admitted = sum(tally.charge(f"{OURS}:one", GENEROUS).allowed for _ in range(600) for tally in tallies)

    assert 600 <= admitted <= 600 + 3 * GENEROUS.batch
    assert (STRICT.batch, GENEROUS.batch) == (1, 12)


def test_the_last_minute_fades_out(process: Callable[[], Tally], clock: Clock) -> None:
    tally = process()
    allowed(tally, STRICT, times=10)

    clock.now = NOON + 60 + 30
    refusals_begin_after = allowed(tally, STRICT, times=10)
    clock.now = NOON + 60 + 120

    assert refusals_begin_after == 5
    assert allowed(tally, STRICT, times=11) == 10


def test_retry_after_is_when_there_is_room_and_not_before(process: Callable[[], Tally], clock: Clock) -> None:
    tally = process()
    allowed(tally, STRICT, times=10)
    refused = tally.charge(f"{OURS}:one", STRICT)

    clock.now = NOON + refused.retry_after - 1
    too_early = tally.charge(f"{OURS}:one", STRICT).allowed
    clock.now = NOON + refused.retry_after

    assert (refused.allowed, refused.remaining, refused.reset) == (False, 0, 60)
    assert refused.retry_after == 66
    assert (too_early, tally.charge(f"{OURS}:one", STRICT).allowed) == (False, True)


def test_a_refused_caller_who_keeps_asking_is_let_in_as_soon_as_a_quiet_one(
    process: Callable[[], Tally], clock: Clock
) -> None:
    tally = process()
    allowed(tally, STRICT, times=500)

    clock.now = NOON + 66

    assert allowed(tally, STRICT, times=2) == 1


def test_callers_are_counted_apart_and_looking_counts_nothing(process: Callable[[], Tally]) -> None:
    tally = process()
    allowed(tally, STRICT, times=10)

    for _ in range(20):
        tally.look(f"{OURS}:two", STRICT)

    assert tally.charge(f"{OURS}:two", STRICT).remaining == 9
    assert not tally.look(f"{OURS}:one", STRICT).allowed


def test_without_redis_each_process_goes_on_by_itself_and_says_so(clock: Clock) -> None:
    away: Redis = Redis.from_url(f"redis://127.0.0.1:{free_port()}", retry=Retry(NoBackoff(), 0))
    tally = Tally(away, now=clock)
    before = _unshared()

    admitted = allowed(tally, STRICT, times=12)

    assert admitted == 10
    assert _unshared() - before == 10


def test_a_process_forgets_whoever_was_quiet_the_longest(clock: Clock, urls: dict[str, str]) -> None:
    tally = Tally(Redis.from_url(urls["cache"]), now=clock)
    generous = limit_of(100_000)
    tally.charge(f"{OURS}:first", generous)

    for number in range(MOST_CALLERS):
        tally.charge(f"{OURS}:{number}", generous)

    assert tally.charge(f"{OURS}:first", generous).remaining == generous.requests - 1


def _unshared() -> float:
    return sum(
        sample.value
        for metric in UNSHARED.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    )
