from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.sandbox.stripe.shop import Shop
from tests.stand_in import StandIn


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[StandIn, Shop]]:
    with closing(Shop()) as shop:
        stand_in = StandIn(tmp_path_factory.mktemp("stripe"), shop.url)
        yield stand_in, shop
        stand_in.stop()
    assert "Traceback" not in stand_in.log.read_text()


@pytest.fixture
def stand_in(running: tuple[StandIn, Shop]) -> StandIn:
    """With empty books, well behaved, and nothing left on its way from an earlier test."""
    stand_in, shop = running
    shop.gate.set()
    stand_in.order("reset")
    shop.reset()
    return stand_in


@pytest.fixture
def shop(stand_in: StandIn, running: tuple[StandIn, Shop]) -> Shop:
    return running[1]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[StandIn, Shop]]:
    """A stand-in that the test may kill, and its shop."""
    with closing(Shop()) as shop:
        stand_in = StandIn(tmp_path, shop.url)
        yield stand_in, shop
        stand_in.stop()
