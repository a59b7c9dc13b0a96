"""Whatever part of the shop dies, and whatever of it is left, the shop soon sells again."""

import contextlib
import signal

import psutil
import pytest

from sandbox.ready import answers
from sandbox.runfile import NAMES
from sandbox.session import members, send
from tests.system.shop import Shop
from tests.system.shopping import place_order
from tests.system.waiting import until


@pytest.mark.parametrize("name", [name for name in NAMES if name != "supervisor"])
def test_a_part_whose_main_process_is_killed_is_started_again(shop: Shop, name: str) -> None:
    before = shop.facts["pids"]

    for pid in before[name]:
        send(pid, signal.SIGKILL)

    until(lambda: _all_new(before[name], shop.pids(name)), f"{name} in the run file")
    assert [pid for pid in before[name] if members(pid)] == []
    others = {other: pids for other, pids in shop.facts["pids"].items() if other != name}
    assert others == {other: pids for other, pids in before.items() if other != name}
    until(lambda: answers(f"{shop.api}/v1/products"), "the API")
    until(lambda: answers(f"{shop.facts['flower']}/healthcheck"), "Flower")
    _sell(shop)


@pytest.mark.parametrize("name", ["api", "worker"])
def test_a_child_that_is_killed_is_replaced_by_its_parent(shop: Shop, name: str) -> None:
    parent = shop.worker("critical") if name == "worker" else shop.pids("api")[0]
    before = shop.facts
    victim, *rest = _children(parent)

    send(victim, signal.SIGKILL)

    until(lambda: victim not in (now := _children(parent)) and len(now) == len(rest) + 1, "another child")
    until(lambda: answers(f"{shop.api}/v1/products"), "the API")
    assert shop.facts == before
    _sell(shop)


def _all_new(old: list[int], new: list[int]) -> bool:
    return len(new) == len(old) and not set(new) & set(old)


def _children(parent: int) -> list[int]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return [child.pid for child in psutil.Process(parent).children()]
    return []


def _sell(shop: Shop) -> None:
    sale = place_order(shop, told=False)
    sale.pay()
    sale.await_sold_once()
