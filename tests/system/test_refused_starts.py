"""What keeps the shop from opening is told in one line, and then nothing runs."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from proof.outages.shop import PORTS
from sandbox.code import CODE
from sandbox.ports import free_port
from tests.servers import temporary_folder
from tests.system.processes import living, mark
from tests.system.shop import Shop
from tests.system.waiting import until


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder() as place:
        yield place


def refusal(folder: Path, **environment: str) -> str:
    """Why the shop does not open with this environment, after "cannot start"."""
    ports = {name: str(free_port()) for name in PORTS}
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "sandbox", "--folder", folder],
        cwd=CODE,
        env=os.environ | ports | environment | mark(folder),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1
    assert not (folder / "var/run.json").exists()
    return ended.stderr.strip().removeprefix("Backroom cannot start: ")


@pytest.mark.parametrize("variable", PORTS)
def test_a_taken_port_is_named_with_the_variable_that_moves_it(folder: Path, variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refusal(folder, **{variable: port})

    assert said == f"Port {port} is taken: stop what listens there, or set {variable} to another"
    assert living(folder) == []


def test_one_port_for_two_parts_is_refused(folder: Path) -> None:
    port = str(free_port())

    said = refusal(folder, PORT=port, FLOWER_PORT=port)

    assert said == f"PORT and FLOWER_PORT are both {port}: set one of them to another"
    assert living(folder) == []


def test_a_shop_opens_once_in_its_folder(shop: Shop) -> None:
    before = shop.facts
    folder = shop.log.parent
    known = {process.pid for process in living(folder)}
    ended = subprocess.run(  # noqa: S603 - our own program
        shop.command.argv,
        cwd=CODE,
        env=shop.command.env,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (f"Backroom cannot start: Another `make run` is up in {folder}: stop it first\n")
    assert shop.facts == before
    until(lambda: {process.pid for process in living(folder)} <= known, "the end of the second")


@pytest.mark.parametrize(
    ("setting", "value", "complaint"),
    [
        (
            "DATABASE_URL",
            "mysql://127.0.0.1/shop",
            "DATABASE_URL must be a URL that starts with postgresql://",
        ),
        ("REDIS_URL", "127.0.0.1:6379", "REDIS_URL must be a URL that starts with redis:// or rediss://."),
        (
            "STRIPE_API_KEY",
            "sk_live_1",
            "STRIPE_API_KEY is a live key: development must not move real money.",
        ),
        ("LEASE", "long", "LEASE must be a number of seconds greater than 0."),
    ],
)
def test_a_setting_that_no_process_would_take_is_named(
    folder: Path, setting: str, value: str, complaint: str
) -> None:
    assert refusal(folder, **{setting: value}).startswith(complaint)
    assert living(folder) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda url: url.set(password="wrong"), 'password authentication failed for user "backroom"'),
        (lambda url: url.set(database="elsewhere"), 'database "elsewhere" does not exist'),
    ],
)
def test_a_database_that_does_not_let_us_in_is_named(
    folder: Path, urls: dict[str, str], change: Callable[[URL], URL], complaint: str
) -> None:
    url = change(make_url(urls["database"]))

    said = refusal(folder, DATABASE_URL=url.render_as_string(hide_password=False))

    assert said.startswith("DATABASE_URL: ")
    assert said.endswith(complaint)
    assert living(folder) == []


def test_a_database_that_is_away_is_named(folder: Path) -> None:
    port = free_port()

    said = refusal(folder, DATABASE_URL=f"postgresql://backroom:secret@127.0.0.1:{port}/backroom")

    assert said.startswith(
        f'DATABASE_URL: connection failed: connection to server at "127.0.0.1", port {port}'
    )
    assert "secret" not in said
    assert living(folder) == []


@pytest.mark.parametrize("variable", ["REDIS_URL", "CELERY_BROKER_URL"])
@pytest.mark.parametrize("password", ["", ":wrong@"])
def test_a_redis_that_wants_another_password_is_named(
    folder: Path, urls: dict[str, str], variable: str, password: str
) -> None:
    place = urls["cache"].split("@")[1]

    said = refusal(folder, **{variable: f"redis://{password}{place}"})

    wrong, none = "invalid username-password pair or user is disabled.", "Authentication required."
    assert said == f"{variable}: {wrong if password else none}"
    assert living(folder) == []


@pytest.mark.parametrize("variable", ["REDIS_URL", "CELERY_BROKER_URL"])
def test_a_redis_that_is_away_is_named(folder: Path, variable: str) -> None:
    port = free_port()

    said = refusal(folder, **{variable: f"redis://127.0.0.1:{port}/0"})

    assert said == f"{variable}: Error 111 connecting to 127.0.0.1:{port}. Connection refused."
    assert living(folder) == []
