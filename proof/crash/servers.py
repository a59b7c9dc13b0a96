"""The servers that all lanes share, and the template of their databases."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config

from sandbox.code import CODE
from sandbox.postgres import Postgres
from sandbox.valkey import Valkey

TEMPLATE = "backroom_template"
# PostgreSQL itself is never killed here: what survives its own crash is for others to try.
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Shared:
    """Where the shared servers are, for a lane in another process."""

    folder: Path
    template: str
    broker: str
    cache: str

    def clone(self, name: str) -> str:
        """A database of one's own: its address."""
        with psycopg.connect(_plain(self.template, "postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}".encode())
        return self.template.replace(TEMPLATE, name)


@contextmanager
def shared_servers() -> Iterator[Shared]:
    """PostgreSQL with an empty shop as a template, and a Valkey; nothing of them is left at the end."""
    folder = Path(tempfile.mkdtemp(prefix="backroom-crash-"))
    folder.chmod(0o711)  # the account of PostgreSQL must pass through
    with ExitStack() as started:
        started.callback(shutil.rmtree, folder, ignore_errors=True)
        postgres = Postgres(folder / "postgres", log=folder / "postgres.log", settings=_FORGETFUL)
        broker = Valkey(folder / "broker", log=folder / "broker.log")
        started.callback(postgres.remove)
        for server in (postgres, broker):
            started.callback(server.stop)
            server.start()
        postgres.create_database(TEMPLATE)
        _migrate(postgres.url_of(TEMPLATE))
        yield Shared(folder, postgres.url_of(TEMPLATE), broker.url, broker.url)


def _migrate(url: str) -> None:
    config = Config(toml_file=CODE / "pyproject.toml")
    config.attributes["url"] = url
    command.upgrade(config, "head")


def _plain(url: str, database: str) -> str:
    return url.replace("+psycopg", "").replace(TEMPLATE, database)
