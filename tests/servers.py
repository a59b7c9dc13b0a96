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
class Servers:
    """The servers of one pytest run."""

    postgres: Postgres
    cache: Valkey
    broker: Valkey


@contextmanager
def running_servers() -> Iterator[Servers]:
    """PostgreSQL (with an empty database `backroom`), the cache and the broker, in a folder of their own.

    About a second to start. All are stopped and their folder is deleted at the end, also when a start fails;
    on Linux they stop by themselves when this process is killed.
    """
    with temporary_folder() as folder, ExitStack() as started:
        servers = Servers(
            postgres=Postgres(folder / "postgres", log=folder / "postgres.log", settings=FORGETFUL),
            cache=Valkey(folder / "cache", log=folder / "cache.log", max_memory="64mb"),
            broker=Valkey(folder / "broker", log=folder / "broker.log"),
        )
        for server in (servers.postgres, servers.cache, servers.broker):
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
