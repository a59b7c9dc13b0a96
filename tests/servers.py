import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.postgres import Postgres
from sandbox.valkey import Valkey

# A test server that loses power has nothing worth keeping.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Valkeys:
    """The two that belong to a shop."""

    cache: Valkey
    broker: Valkey


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """PostgreSQL (with an empty database `backroom`) in a folder of its own. About a second to start.

    It is stopped and its folder is deleted at the end, also when a start fails; on Linux it stops by itself
    when this process is killed.
    """
    with temporary_folder() as folder:
        server = Postgres(folder / "postgres", log=folder / "postgres.log", settings=FORGETFUL)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextmanager
def running_valkeys() -> Iterator[Valkeys]:
    """The cache and the broker, empty, just so."""
    with temporary_folder() as folder, ExitStack() as started:
        servers = Valkeys(
            cache=Valkey(folder / "cache", log=folder / "cache.log", max_memory="64mb"),
            broker=Valkey(folder / "broker", log=folder / "broker.log"),
        )
        for server in (servers.cache, servers.broker):
            started.callback(server.stop)
            server.start()
        yield servers


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is deleted at the end, and that the account of PostgreSQL can reach when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="backroom-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
