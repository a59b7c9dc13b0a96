from collections.abc import Iterator

import pytest

from proof.oracle import Violation
from sandbox.ready import answers
from tests.servers import temporary_folder
from tests.system.invariants import broken
from tests.system.shop import Shop
from tests.system.waiting import until


@pytest.fixture(scope="session")
def running_shop() -> Iterator[Shop]:
    """One shop for all tests of this process: each brings its own buyers and goods."""
    with temporary_folder() as folder:
        shop = Shop(folder, "--no-demo")
        yield shop
        shop.close()


@pytest.fixture
def shop(running_shop: Shop) -> Iterator[Shop]:
    """The running shop. After each test the disturbances end, all work ends, and every invariant holds."""
    yield running_shop
    running_shop.order_stripe("webhooks")
    running_shop.order_stripe("faults", "DELETE")
    until(lambda: answers(f"{running_shop.api}/v1/products"), "API and database")
    assert _broken_at_rest(running_shop) == ()


def _broken_at_rest(shop: Shop) -> tuple[Violation, ...]:
    """What is broken at rest, and still is at the next look: beat may begin something at any time."""
    before: tuple[Violation, ...] = ()
    while True:
        until(lambda: _is_quiet(shop), "rest")
        found = broken(shop)
        if found in ((), before):
            return found
        before = found


def _is_quiet(shop: Shop) -> bool:
    """Whether Stripe has told everything, and nothing is left to do."""
    told = all(each["state"] != "pending" for each in shop.order_stripe("books", "GET")["deliveries"])
    return told and shop.rows("SELECT 1 FROM deliveries WHERE state IN ('pending', 'running')") == []
