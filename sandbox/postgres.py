import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psycopg
from psycopg import sql

from sandbox import binaries
from sandbox.account import shelter, shelter_path, unprivileged
from sandbox.data_directory import DataDirectory
from sandbox.ports import free_port
from sandbox.process import Child, Command, launch

USER = DATABASE = "backroom"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # the path of a socket is limited to 107 bytes, that of a clone is not
    "max_connections": "300",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass
class Postgres:
    """A PostgreSQL server of our own in the folder `home`, on TCP 127.0.0.1 only, with a generated password.

    As root it runs as `nobody`; when `nobody` cannot reach `home`, its files are under /var/tmp. `settings`
    go on top of ours (tests turn fsync off). What a crash left is recovered by the next start.
    """

    home: Path
    log: Path
    port: int = field(default_factory=free_port)
    settings: Mapping[str, str] = field(default_factory=dict)
    _child: Child | None = field(default=None, init=False, repr=False)

    @cached_property
    def _files(self) -> DataDirectory:
        self.home.mkdir(parents=True, exist_ok=True)
        account = unprivileged()
        hidden = account is not None and not account.may("x", self.home)
        return DataDirectory(shelter(self.home) if hidden else self.home, account)

    @cached_property
    def _programs(self) -> Path:
        account, folder = unprivileged(), binaries.postgres_folder()
        return binaries.reachable_by(account, folder, self.home) if account else folder

    @property
    def url(self) -> str:
        """The shop's database, for SQLAlchemy. Needs prepare() to have run once."""
        return self.url_of(DATABASE)

    @property
    def plain_url(self) -> str:
        """The shop's database, for psql, psycopg and other tools."""
        return self.url_of(DATABASE, scheme="postgresql")

    def url_of(self, database: str, *, scheme: str = "postgresql+psycopg") -> str:
        """The address of one database of this server, as its superuser."""
        return f"{scheme}://{USER}:{self._files.password}@127.0.0.1:{self.port}/{database}"

    def program(self, name: str) -> Path:
        """A program that came with the server, such as pgbench."""
        return self._programs / name

    @property
    def pid(self) -> int | None:
        """The process that start() began, while it lives."""
        return self._child.pid if self._child and self._child.alive else None

    def prepare(self) -> None:
        """Make its data directory fit for a start: created on the first call, cleared of a crash later.

        Raises CannotStart when another server runs on it, or when another major version made it.
        """
        durable = self.settings.get("fsync") != "off"
        self._files.prepare(initdb=self._programs / "initdb", user=USER, durable=durable)

    def command(self) -> Command:
        """How to run it in the foreground."""
        settings = {**_SETTINGS, "port": str(self.port), **self.settings}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Command(
            argv=[self._programs / "postgres", "-D", self._files.path, *options],
            log=self.log,
            # Closes the clients' connections; SIGTERM would wait until they leave by themselves.
            stop_signal=signal.SIGINT,
            account=unprivileged(),
        )

    def accepts(self) -> bool:
        """Whether a client can log in."""
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self) -> None:
        """Run it as a child of ours until stop(), ready with the shop's database when this returns."""
        self.prepare()
        self._child = launch("PostgreSQL", self.command(), ready=self.accepts, within=30)
        self.create_database(DATABASE)

    def stop(self) -> None:
        """Stop it, keeping the data; a stopped one is left alone."""
        if self._child:
            self._child.stop(within=10)

    def kill(self) -> None:
        """Kill it as a power cut would; the next start recovers."""
        if self._child:
            self._child.kill()

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Create a database, a copy of `template` when given; one that exists is left as it is."""
        with self._connect() as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return
            names = sql.Identifier(name), sql.Identifier(template or "template1")
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))

    def remove(self) -> None:
        """Delete everything it wrote, wherever that is. It must be stopped."""
        for folder in (self.home, shelter_path(self.home)):
            shutil.rmtree(folder, ignore_errors=True)

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            self.url_of("postgres", scheme="postgresql"), autocommit=True, connect_timeout=2
        )
