"""What the seed decides, and what a clock that goes wrong shows."""

import json
import subprocess
import sys
from itertools import islice, takewhile
from typing import Any

import pytest

from proof.chaos.clients.wishes import wish
from proof.chaos.nemesis import KINDS, NAMES, Injection, plan
from proof.chaos.options import read_options
from sandbox.code import CODE

SHIFTED = """
import datetime, json, pickle, time
now = datetime.datetime.now(datetime.UTC)
then = datetime.datetime.fromtimestamp(0, datetime.UTC)
same = [pickle.loads(pickle.dumps(moment)) == moment for moment in (now, then)]
kinds = [isinstance(moment, datetime.datetime) for moment in (now, then, now + datetime.timedelta(1))]
print(json.dumps([time.time(), now.timestamp(), same, kinds]))
"""


def test_the_same_seed_is_the_same_harm_and_the_same_buyers() -> None:
    assert _first(7) == _first(7)
    assert _first(7) != _first(8)
    assert [wish(7, number) for number in range(50)] == [wish(7, number) for number in range(50)]
    assert [wish(7, number) for number in range(50)] != [wish(8, number) for number in range(50)]


def test_every_kind_of_fault_occurs_early_even_in_a_short_run() -> None:
    early = takewhile(lambda each: each.at < 20, plan(1, NAMES, within=20, slower=1))

    assert {each.kind for each in early} == set(KINDS)


def test_a_slower_machine_suffers_the_same_as_much_more_rarely() -> None:
    fast = islice(plan(3, ["kill-api"], within=1000, slower=1), 20)
    slow = islice(plan(3, ["kill-api"], within=1000, slower=4), 20)

    assert [round(each.at / 4, 1) for each in slow] == [pytest.approx(each.at, abs=0.1) for each in fast]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("none", set()),
        ("all", set(NAMES)),
        ("kill-api,redis-flush", {"kill-api", "redis-flush"}),
        ("stripe-500*", {"stripe-500-before", "stripe-500-after"}),
    ],
)
def test_faults_are_chosen_by_name(text: str, expected: set[str]) -> None:
    assert read_options(["--faults", text]).faults == expected


def test_a_fault_that_nobody_knows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_options(["--faults", "earthquake"])

    assert "there is no fault 'earthquake'" in capsys.readouterr().err


def test_a_shifted_program_lives_in_another_hour_and_can_still_keep_moments() -> None:
    program = [sys.executable, "-c", f"from proof.chaos.shifted import shift; shift(3600)\n{SHIFTED}"]
    plain = [sys.executable, "-c", SHIFTED]

    shifted_time, shifted_now, same, kinds = _said(program)
    true_time, *_ = _said(plain)

    assert shifted_time - true_time == pytest.approx(3600, abs=60)
    assert shifted_now - true_time == pytest.approx(3600, abs=60)
    assert same == [True, True]
    assert kinds == [True, True, True]


def _said(argv: list[str]) -> list[Any]:
    done = subprocess.run(argv, cwd=CODE, capture_output=True, text=True, check=True)  # noqa: S603  # our own
    said: list[Any] = json.loads(done.stdout)
    return said


def _first(seed: int) -> list[Injection]:
    return list(islice(plan(seed, NAMES, within=60, slower=1), 200))
