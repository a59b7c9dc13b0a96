"""`make run` from its first line to its last, in a folder of its own."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from sandbox.ready import answers
from sandbox.runfile import NAMES
from sandbox.session import members
from tests.servers import temporary_folder
from tests.system.shop import Shop
from tests.system.waiting import until

BASH = shutil.which("bash") or "/bin/bash"
FIELDS = ["api", "live", "flower", "stripe", "database_url", "redis_url", "broker_url", "mail_dir", "pids"]


@pytest.fixture
def own_shop() -> Iterator[Shop]:
    """A shop that the test may close, open and with its scripted purchase behind it."""
    with temporary_folder() as folder:
        shop = Shop(folder)
        yield shop
        shop.close()


def test_make_run_sells_something_tells_where_everything_is_and_ends_by_ctrl_c(own_shop: Shop) -> None:
    until(lambda: "Buy something by hand" in own_shop.log.read_text(), "the last line")
    facts, said = own_shop.facts, own_shop.log.read_text()
    leaders = [pid for pids in facts["pids"].values() for pid in pids]

    own_shop.child.ask_to_stop()
    until(lambda: not own_shop.child.alive, "the end", within=30)

    steps = (" is paid", " is finalized", " is confirmed by mail", "Timeline of the order")
    assert [step for step in steps if step not in said] == []
    assert list(facts) == FIELDS
    assert {name: len(pids) for name, pids in facts["pids"].items()} == dict.fromkeys(NAMES, 1) | {
        "worker": 3
    }
    assert own_shop.child.exit_code == 0
    assert [leader for leader in leaders if members(leader)] == []
    assert not (own_shop.log.parent / "var/run.json").exists()


def test_the_addresses_in_the_run_file_are_the_ports_that_were_asked_for(shop: Shop) -> None:
    facts, ports = shop.facts, shop.ports

    assert facts["api"] == f"http://127.0.0.1:{ports['PORT']}"
    assert facts["live"] == f"http://127.0.0.1:{ports['LIVE_PORT']}"
    assert facts["flower"] == f"http://127.0.0.1:{ports['FLOWER_PORT']}"
    assert facts["stripe"]["base"] == f"http://127.0.0.1:{ports['STRIPE_PORT']}"
    assert facts["mail_dir"] == str(shop.log.parent / "var/mail")
    assert answers(f"{facts['flower']}/healthcheck")
    assert answers(f"{facts['live']}/health")
    assert answers(f"http://127.0.0.1:{ports['MAIL_PORT']}/")


@pytest.mark.skipif(shutil.which("curl") is None, reason="the printed lines need curl")
def test_the_printed_lines_buy_something_by_hand_also_after_a_purchase_that_was_given_up(shop: Shop) -> None:
    said = shop.log.read_text()
    lines = said[said.index("field() {") :].split("\n\n")[0]

    given_up = _bash(lines[: lines.index("INTENT=")])
    bought = _bash(lines)

    assert (given_up.stderr, bought.stderr) == ("", "")
    assert '"payment_status": "paid"' in bought.stdout
    assert '"topic": "orders.finalized"' in bought.stdout


def _bash(lines: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own lines
        [BASH], input=lines, capture_output=True, text=True, timeout=60, check=True
    )
