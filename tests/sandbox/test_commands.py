import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from config import load
from sandbox.code import CODE
from sandbox.commands import environment
from sandbox.keys import Keys

KEYS = Keys(stripe_api_key="sk_test_kept", stripe_webhook_secret="whsec_kept")
RUNNING: dict[str, Any] = {
    "api": "http://127.0.0.1:8000",
    "live": "http://127.0.0.1:8010",
    "flower": "http://127.0.0.1:5555",
    "stripe": {"base": "http://127.0.0.1:8420", "api_key": "sk_test_used", "webhook_secret": "whsec_used"},
    "database_url": "postgresql://backroom:pw@127.0.0.1:5433/backroom",
    "redis_url": "redis://:pw@127.0.0.1:6380/0",
    "broker_url": "redis://:pw@127.0.0.1:6381/0",
}


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`make flask ARGS=...` for a shop in this folder."""
    argv = [sys.executable, "-m", "sandbox.commands", "--folder", str(folder), *words]
    return subprocess.run(argv, cwd=CODE, capture_output=True, text=True, timeout=60)  # noqa: S603  # ours


def test_a_command_gets_the_settings_of_the_shop_that_runs() -> None:
    settings = load(environment({"PATH": "/bin", "TAX_BASIS_POINTS": "700"}, RUNNING, KEYS))

    assert settings.database_url.endswith("@127.0.0.1:5433/backroom")
    assert (settings.redis_url, settings.celery_broker_url) == (RUNNING["redis_url"], RUNNING["broker_url"])
    assert (settings.stripe_api_base, settings.stripe_api_key) == ("http://127.0.0.1:8420", "sk_test_used")
    assert (settings.app_env, settings.log_level, settings.tax_basis_points) == (
        "development",
        "WARNING",
        700,
    )


def test_without_a_shop_it_says_so_in_one_line(tmp_path: Path) -> None:
    done = command(tmp_path, "work", "list")

    said = f"No shop is up in {tmp_path}: start one with `make run`, and leave it open.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)
    assert list(tmp_path.iterdir()) == []


def test_a_shop_that_was_killed_is_none(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / "var").mkdir()
    (tmp_path / "var/run.json").write_text(json.dumps(RUNNING | {"pids": {"supervisor": [gone.pid]}}))

    assert command(tmp_path, "work", "list").stderr.startswith("No shop is up")


def test_the_words_go_to_flask(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var/run.json").write_text(json.dumps(RUNNING | {"pids": {"supervisor": [os.getpid()]}}))

    done = command(tmp_path, "work", "retry", "--help")

    assert done.returncode == 0, done.stderr
    assert "All dead work of this consumer" in done.stdout
