import subprocess
import sys
from pathlib import Path

import pytest

from tests.platform.test_config import DEVELOPMENT, PRODUCTION

ROOT = Path(__file__).parents[2]


def started(code: str, environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """What a process with nothing but these settings does."""
    return subprocess.run(  # noqa: S603  # our own interpreter and code
        [sys.executable, "-c", code, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in DEVELOPMENT.items() if key != name}


@pytest.mark.parametrize("code", ["import wsgi", "from tasks.celery import app; app.conf.task_acks_late"])
def test_a_process_that_lacks_a_setting_ends_with_one_line(code: str) -> None:
    ended = started(code, without("DATABASE_URL"))

    line = "Backroom cannot start: DATABASE_URL is missing: set it in the environment.\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", line)


def test_a_complaint_does_not_repeat_a_secret() -> None:
    ended = started("import wsgi", PRODUCTION | {"STRIPE_API_KEY": "sk_test_canary"})

    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "canary" not in ended.stderr


def test_a_worker_refuses_to_have_its_signals_remapped() -> None:
    ended = started("import celeryconfig", DEVELOPMENT | {"REMAP_SIGTERM": "SIGQUIT"})

    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "unset REMAP_SIGTERM" in ended.stderr


def test_flower_does_not_start_without_a_login_outside_development() -> None:
    flower = "import sys; sys.argv[1:] = ['-A', 'tasks', 'flower']; import celeryconfig"
    login = {"FLOWER_BASIC_AUTH": "admin:pQ7-vK2_nR9.xW4+zB6=tY1!mC8?hJ5a"}

    refused, started_with_one = started(flower, PRODUCTION), started(flower, PRODUCTION | login)

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "FLOWER_BASIC_AUTH is missing" in refused.stderr
    assert (started_with_one.returncode, started_with_one.stderr) == (0, "")


def test_the_workers_of_the_api_share_all_that_is_loaded_and_nothing_that_runs() -> None:
    code = """
import sys
import psutil
from deploy.serve import load

def ours():
    return {name for name in sys.modules if name.partition(".")[0] in sys.argv[1:]}

load()
loaded, threads, connections = ours(), psutil.Process().num_threads(), psutil.Process().net_connections()
import wsgi
print(threads, connections, sorted(ours() - loaded))
"""
    ended = started(code, DEVELOPMENT, "app", "tasks", "config", "celeryconfig", "wsgi")

    assert (ended.stdout, ended.stderr) == ("1 [] ['celeryconfig', 'wsgi']\n", "")


def test_production_shows_neither_the_document_nor_its_page() -> None:
    code = """
from app.factory import create_app
from config import load
app = create_app(load())
https = {"base_url": "https://shop.example.com"}
client = app.test_client()
print([client.get(path, **https).status_code for path in ("/docs/", "/openapi.json", "/metrics", "/")])
print(client.get("/", **https).json["links"], client.get("/").json["type"])
"""
    ended = started(code, PRODUCTION | {"LOG_LEVEL": "ERROR"})

    assert ended.stdout.splitlines() == [
        "[404, 404, 404, 200]",
        "{'health': '/health', 'products': '/v1/products'} /problems/https-required",
    ]
