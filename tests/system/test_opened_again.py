"""The same folder, opened again after every kind of end."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.session import send
from tests.servers import temporary_folder
from tests.system.processes import living
from tests.system.shop import Shop
from tests.system.shopping import PAID, place_order
from tests.system.waiting import until

STOCK = "SELECT sku, on_hand, reserved FROM stock_levels ORDER BY sku"


class Premises:
    """One folder with one set of ports, where a shop opens as often as it was closed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._shop: Shop | None = None

    def open(self) -> Shop:
        """The shop that is open here; the next one when the last has ended."""
        if self._shop is None or not self._shop.child.alive:
            ports = self._shop.ports if self._shop else {}
            self._shop = Shop(self.folder, "--no-demo", **ports)
        return self._shop

    def close(self) -> None:
        """Press Ctrl-C."""
        if self._shop:
            self._shop.close()


@pytest.fixture(scope="module")
def premises() -> Iterator[Premises]:
    """Each test takes the shop as the one before has left it: open."""
    with temporary_folder() as folder:
        premises = Premises(folder)
        yield premises
        premises.close()


def test_a_shop_that_was_closed_opens_again_and_goes_on(premises: Premises) -> None:
    shop = premises.open()
    sale = place_order(shop)
    kept = shop.rows(STOCK)

    shop.close()
    left = living(premises.folder)
    again = premises.open()

    assert left == []
    assert again.rows(STOCK) == kept
    sale.pay()
    sale.await_topic("orders.finalized")
    assert sale.state == PAID


def test_a_shop_that_was_killed_with_all_it_had_opens_again_and_lost_nothing(premises: Premises) -> None:
    shop = premises.open()
    sale = place_order(shop)
    kept = shop.rows(STOCK)

    everything = living(premises.folder)
    for process in everything:
        send(process.pid, signal.SIGKILL)
    until(lambda: living(premises.folder) == [], "the end of everything", within=20)
    shop.child.kill()  # so that it is no zombie
    again = premises.open()

    assert len(everything) > len(again.facts["pids"])
    assert again.rows(STOCK) == kept
    sale.pay()
    sale.await_topic("orders.finalized")
    assert sale.state == PAID


def test_a_shop_whose_supervisor_was_killed_opens_again_at_once(premises: Premises) -> None:
    shop = premises.open()
    kept = shop.rows(STOCK)
    before = set(living(premises.folder))

    shop.child.kill()
    again = premises.open()

    assert again.rows(STOCK) == kept
    assert before & set(living(premises.folder)) == set()
