"""The bounded run of the chaos: its own stack, 200 orders, every kind of fault, one seed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from proof.chaos.faults import outside
from proof.chaos.line import AFTER, ALONG, BEFORE, RESET
from proof.chaos.nemesis import KINDS
from proof.chaos.shop import BESIDE
from sandbox.code import CODE


@pytest.mark.timeout(900)  # of a busy machine; alone it takes a fifth of that
def test_200_orders_amid_all_faults_break_no_promise(tmp_path: Path) -> None:
    words = ["--orders", "200", "--seed", "4", "--clients", "40", "--out", str(tmp_path)]

    done = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", "proof.chaos", *words],
        cwd=CODE,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=880,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["violations"] == {}
    assert report["orders"]["placed"] >= 200
    assert {each.split()[0] for each in report["orders"]["paid by currency and country"]} == {"USD", "JPY"}
    assert {each.split()[1] for each in report["orders"]["paid by currency and country"]} == {"US", "DE"}
    assert report["returns"]["receive: 200"] >= 2  # each is said to have come by two admins at once
    assert len(report["kills"]) >= 6
    assert report["injected"].keys() == KINDS.keys()  # what found nothing to befall is not in it
    assert report["befallen"].keys() == {*outside.CALLS, *BESIDE}
    assert min(report["befallen"].values()) > 0
    assert report["lines"].keys() == {BEFORE, ALONG, AFTER, RESET}
    assert min(report["webhooks"][name] for name in ("dropped", "doubled")) > 0
    assert report["examinations"] >= 3  # the doctor looks by the clock, and a quick run is soon over
