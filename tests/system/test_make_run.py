"""What `make run` tells whoever started it."""

import shutil
import subprocess

import pytest

from sandbox.ready import answers
from tests.system.shop import Shop

BASH = shutil.which("bash") or "/bin/bash"


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
