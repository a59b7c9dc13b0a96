import json
import signal
from pathlib import Path

import pytest

from bench.options import NAMES
from tests.bench.command import begin, end, leftovers

pytestmark = pytest.mark.timeout(640)  # of a busy machine; alone it takes a tenth of that


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the command writes."""
    (tmp_path / "temporary").mkdir()
    return tmp_path / "temporary"


def test_one_command_measures_every_scenario_and_leaves_nothing_running(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"

    code, said, complained = end(begin(folder, "--out", str(out)))

    assert (code, complained) == (0, "")
    figures = json.loads(out.read_text())
    assert list(figures["scenarios"]) == list(NAMES)
    for name, found in figures["scenarios"].items():
        assert found["title"] in said
        assert found["operations"] > 0
        assert found["errors"] == 0
        if name != "expiry":  # its two rounds are of different sizes
            assert found["cpu_ms"] == pytest.approx(sum(found["cpu_ms_by_part"].values()), abs=0.01)
        assert len(found["hellos"]) == len(found["rounds"]) + 1
        assert found.keys() >= {"factor", "factor_range", "hello_ms", "rate", "p50_ms", "p99_ms"}
    sql = {name: found["statements"] for name, found in figures["scenarios"].items()}
    assert 1 <= sql["list"] < sql["add"] < sql["checkout"]
    assert sql["flow"] > sql["checkout"] + sql["add"]
    assert sql["whole"] > sql["flow"] + sql["webhook"]
    facts = {name: found["facts"] for name, found in figures["scenarios"].items()}
    assert facts["hot"]["pgbench per s"] > 0
    assert facts["open-list"]["p99 over p50"] >= 1
    assert [each["operations"] for each in figures["scenarios"]["expiry"]["rounds"]] == [2, 20]
    assert facts["expiry"]["left"] == 0
    assert facts["memory"]["together MB"] == pytest.approx(
        facts["memory"]["API MB"] + facts["memory"]["Celery MB"], abs=0.01
    )
    assert "| hot product, of pgbench | at least 0.6 x |" in said
    assert leftovers(folder) == []


def test_an_unexpected_status_ends_it_with_one_line_and_no_figures(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"

    # The goods are priced in dollars alone: nothing can be added to a cart.
    code, _, complained = end(begin(folder, "--only", "add", "--set", "CURRENCY=EUR", "--out", str(out)))

    assert code == 1
    assert complained.startswith("bench: Expected 201, got: HTTP/1.1 409")
    assert len(complained.splitlines()) == 1
    assert not out.exists()
    assert leftovers(folder) == []


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_or_a_timeout_stops_everything_with_one_line(folder: Path, by: signal.Signals) -> None:
    command = begin(folder, "--only", "list", "--seconds", "60")
    assert command.stdout
    while "API and Flask hello are up" not in command.stdout.readline():
        assert command.poll() is None

    code, _, complained = end(command, by=by)

    assert (code, complained) == (1, "bench: stopped\n")
    assert leftovers(folder) == []


def test_a_profile_names_the_largest_costs(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"

    code, _, complained = end(begin(folder, "--only", "webhook", "--profile", "--out", str(out)))

    assert (code, complained) == (0, "")
    profile = json.loads(out.read_text())["profiles"]["webhook"]
    assert "app/payments/routes/events.py receive_stripe_event" in dict(profile["ours"])
    assert "sqlalchemy" in dict(profile["libraries"])
    assert [calls for text, calls, _ in profile["statements"] if "INSERT INTO provider_events" in text] == [1]
    assert leftovers(folder) == []
