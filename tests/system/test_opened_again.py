"""The same folder, opened again after every kind of end."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sandbox.session import send
from tests.servers import temporary_folder
from tests.system.processes import living
from tests.system.shop import Shop
from tests.system.shopping import PAID, place_order
from tests.system.waiting import until

Opener = Callable[..., Shop]


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder() as place:
        yield place


@pytest.fixture
def opened(folder: Path) -> Iterator[Opener]:
    """Opens the shop of the folder, on ports that may be given."""
    with ExitStack() as until_the_end:

        def open_(**ports: str) -> Shop:
            shop = Shop(folder, "--no-demo", **ports)
            until_the_end.callback(shop.close)
            return shop

        yield open_


def test_a_shop_that_was_killed_with_all_it_had_opens_again_and_lost_nothing(
    folder: Path, opened: Opener
) -> None:
    shop = opened()
    sale = place_order(shop)
    kept = shop.rows("SELECT sku, on_hand, reserved FROM stock_levels ORDER BY sku")

    everything = living(folder)
    for process in everything:
        send(process.pid, signal.SIGKILL)
    until(lambda: living(folder) == [], "the end of everything", within=20)
    shop.child.kill()  # so that it is no zombie
    again = opened(**shop.ports)

    assert len(everything) > len(again.facts["pids"])
    assert again.rows("SELECT sku, on_hand, reserved FROM stock_levels ORDER BY sku") == kept
    sale.pay()
    sale.await_topic("orders.finalized")
    assert sale.state == PAID
    again.close()
    assert living(folder) == []


def test_a_shop_whose_supervisor_was_killed_opens_again_at_once(folder: Path, opened: Opener) -> None:
    shop = opened()
    kept = shop.rows("SELECT count(*) FROM stock_levels")

    shop.child.kill()
    again = opened(**shop.ports)

    assert again.rows("SELECT count(*) FROM stock_levels") == kept
    again.close()
    assert living(folder) == []
