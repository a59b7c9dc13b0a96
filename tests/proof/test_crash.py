import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.code import CODE
from sandbox.ready import wait_until
from sandbox.session import members

pytestmark = pytest.mark.timeout(960)  # of a busy machine; alone they take a tenth of that


def crash(folder: Path, *words: str, module: str = "proof.crash") -> tuple[int, str]:
    """The exit code and the output of the command, which leaves nothing in the folder."""
    command = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", module, *words],
        cwd=CODE,
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert list(folder.iterdir()) == []
    return command.returncode, command.stdout + command.stderr


def test_a_kill_at_any_edge_and_a_sample_of_all_else_ends_in_the_one_right_state(tmp_path: Path) -> None:
    code, said = crash(tmp_path, "--quick", "--jobs", "2")

    assert "VIOLATION" not in said
    assert code == 0, said
    assert ": 0 violations" in said


@pytest.mark.parametrize(
    ("bug", "scenario", "mode", "edge", "found"),
    [
        (
            "no_relay",
            "cancelled",
            "kill-before",
            "ring settlement.close_payment",
            "the work does not end: settlement.close_payment pending",
        ),
        (
            "done_before_the_work",
            "cancelled",
            "kill-after",
            "settlement.close_payment: POST /v1/payment_intents/{id}/cancel",
            "orders: ('pending unpaid',) instead of ('cancelled unpaid buyer',)",
        ),
        (
            "another_key_each_time",
            "card",
            "kill-after",
            "POST /v1/checkout: POST /v1/payment_intents",
            "intents: ('requires_payment_method', 'succeeded') instead of ('succeeded',)",
        ),
        (
            "a_lost_commit_is_a_bug",
            "card",
            "raise",
            "POST /v1/checkout: commit",
            "POST /v1/checkout was answered 500",
        ),
    ],
)
def test_a_bug_is_seen_at_the_edge_where_it_matters(
    bug: str, scenario: str, mode: str, edge: str, found: str, tmp_path: Path
) -> None:
    words = ["--scenario", scenario, "--mode", mode, "--at", edge, "--jobs", "1"]

    code, said = crash(tmp_path, bug, *words, module="tests.proof.broken_shops")

    assert (code, found in said) == (1, True), said
    assert f"VIOLATION {scenario}: {mode} at edge" in said
    assert f"again: make crash ARGS='--scenario {scenario} --edge" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_of_it_leaves_nothing_behind_and_says_so(
    number: signal.Signals, tmp_path: Path
) -> None:
    command = subprocess.Popen(
        [sys.executable, "-m", "proof.crash", "--scenario", "cancelled", "--jobs", "2"],
        cwd=CODE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert command.stdout is not None
    command.stdout.readline()  # the servers are up, and the lanes are about to be

    os.killpg(command.pid, number)

    said, _ = command.communicate(timeout=300)
    assert (command.returncode, said) == (1, "crash: stopped\n")
    assert list(tmp_path.iterdir()) == []
    wait_until(lambda: not members(command.pid), within=10, failure="something outlived it")
