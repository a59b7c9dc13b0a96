"""`make run` from its first line to its last, and the same folder opened again after every kind of end."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.runfile import NAMES
from sandbox.session import send
from tests.servers import temporary_folder
from tests.system.processes import living
from tests.system.shop import Shop
from tests.system.shopping import PAID, place_order
from tests.system.waiting import until

FIELDS = ["api", "live", "flower", "stripe", "database_url", "redis_url", "broker_url", "mail_dir", "pids"]
PROCESSES = dict.fromkeys(NAMES, 1) | {"worker": 3}
STOCK = "SELECT sku, on_hand, reserved FROM stock_levels ORDER BY sku"


class Premises:
    """One folder with one set of ports, where a shop opens as often as it was closed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._shop: Shop | None = None

    def open(self) -> Shop:
        """The shop that is open here; the next one when the last has ended. The first shows a purchase."""
        if self._shop is None:
            self._shop = Shop(self.folder)
        elif not self._shop.child.alive:
            self._shop = Shop(self.folder, "--no-demo", **self._shop.ports)
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


def test_make_run_sells_something_ends_by_ctrl_c_opens_again_and_goes_on(premises: Premises) -> None:
    shop = premises.open()
    until(lambda: "Buy something by hand" in shop.log.read_text(), "the last line")
    facts, said = shop.facts, shop.log.read_text()
    sale = place_order(shop)
    kept = shop.rows(STOCK)

    shop.child.ask_to_stop()
    until(lambda: not shop.child.alive, "the end", within=30)
    left, told = living(premises.folder), (premises.folder / "var/run.json").exists()
    again = premises.open()

    steps = (" is paid", " is finalized", " is confirmed by mail", "Timeline of the order")
    assert [step for step in steps if step not in said] == []
    assert list(facts) == FIELDS
    assert {name: len(pids) for name, pids in facts["pids"].items()} == PROCESSES
    assert (shop.child.exit_code, left, told) == (0, [], False)
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
