import os
import subprocess
import sys
from collections.abc import Iterator

import psutil
import psycopg
import pytest

from sandbox.account import shelter_path
from sandbox.errors import CannotStart
from sandbox.postgres import Postgres
from sandbox.ready import wait_until
from tests.servers import FORGETFUL, temporary_folder

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
OWNER = """
import sys, time
from pathlib import Path
from sandbox.postgres import Postgres
from tests.servers import FORGETFUL
home = Path(sys.argv[1])
server = Postgres(home, log=home / "log", settings=FORGETFUL)
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """One for all: each test leaves it running."""
    with temporary_folder() as folder:
        server = Postgres(folder / "postgres", log=folder / "log", settings={"fsync": "off"})
        server.start()
        yield server
        server.stop()


def test_sorts_and_lowers_every_letter_and_listens_on_tcp_alone(server: Postgres) -> None:
    with psycopg.connect(server.plain_url) as session:
        row = session.execute("SELECT lower('ÄÖÉ'), current_setting('fsync')").fetchone()
        sockets = session.execute("SHOW unix_socket_directories").fetchone()

    assert (row, sockets) == (("äöé", "off"), ("",))


def test_refuses_a_wrong_password(server: Postgres) -> None:
    wrong = server.plain_url.replace("@", "x@")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_copies_a_template_and_leaves_an_existing_database_alone(server: Postgres) -> None:
    server.create_database("template")
    with psycopg.connect(server.url_of("template", scheme="postgresql")) as session:
        session.execute("CREATE TABLE shelf AS SELECT 1 AS item")

    server.create_database("copy", template="template")
    server.create_database("copy")

    with psycopg.connect(server.url_of("copy", scheme="postgresql")) as session:
        assert session.execute("SELECT item FROM shelf").fetchall() == [(1,)]


def test_keeps_what_was_committed_when_it_is_killed_in_the_middle_of_work(server: Postgres) -> None:
    with psycopg.connect(server.plain_url) as session:
        session.execute("CREATE TABLE shelf AS SELECT 1 AS item")
    client = psycopg.connect(server.plain_url)
    client.execute("SELECT 1")

    server.kill()
    server.start()

    client.close()
    with psycopg.connect(server.plain_url) as session:
        assert session.execute("SELECT item FROM shelf").fetchall() == [(1,)]


def test_leaves_no_process_when_its_owner_is_killed_and_starts_again(server: Postgres) -> None:
    server.stop()
    start = [sys.executable, "-c", OWNER, str(server.home)]
    with subprocess.Popen(start, stdout=subprocess.PIPE) as owner:  # noqa: S603 - our own program
        assert owner.stdout
        orphan = psutil.Process(int(owner.stdout.readline()))
        family = [orphan, *orphan.children()]
        owner.kill()

    _gone, alive = psutil.wait_procs(family, timeout=10)
    server.start()

    assert alive == []
    assert server.accepts()


def test_does_not_share_its_data_with_a_second_server(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.data_directory.wait_until", _without_patience)
    second = Postgres(server.home, log=server.log, settings=FORGETFUL)

    with pytest.raises(CannotStart, match=r"is another `make run` up\?"):
        second.start()

    assert server.accepts()


def test_names_the_version_that_made_a_data_directory() -> None:
    with temporary_folder() as folder:
        (folder / "data").mkdir()
        (folder / "data/PG_VERSION").write_text("17\n")
        newer = Postgres(folder, log=folder / "log")

        with pytest.raises(
            CannotStart, match="was made by PostgreSQL 17, this is 18: `make clean` removes it"
        ):
            newer.start()


@AS_ROOT
def test_moves_to_a_shelter_when_its_account_cannot_reach_the_folder() -> None:
    with temporary_folder() as folder:
        folder.chmod(0o700)
        hidden = Postgres(folder / "postgres", log=folder / "log", settings=FORGETFUL)
        hidden.start()

        process = psutil.Process(hidden.pid)
        user, data = process.username(), shelter_path(hidden.home) / "data"
        hidden.stop()

        assert (user, data.exists(), folder.stat().st_mode & 0o777) == ("nobody", True, 0o700)
        hidden.remove()
        assert not data.exists()


def _without_patience(condition: object, *, within: float, failure: str) -> None:
    wait_until(condition, within=min(within, 0.1), failure=failure)  # type: ignore[arg-type]
