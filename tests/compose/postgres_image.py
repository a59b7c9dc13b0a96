"""What PostgreSQL's image does before its command: make the files, and the database, from the environment."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.account import Account, shelter_path, unprivileged
from sandbox.binaries import postgres_folder, reachable_by

_HERE = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}


class PostgresImage:
    """PostgreSQL's programs, and its data in the folder `home`, as an account that may run them."""

    def __init__(self, home: Path) -> None:
        self.account: Account | None = unprivileged()
        self._home = home
        found = postgres_folder()
        self.programs = reachable_by(self.account, found, home) if self.account else found
        self._data = home / "data"

    def prepare(self, environment: Mapping[str, str]) -> None:
        """Make the data directory as the environment asks, with its database."""
        self._home.mkdir(exist_ok=True)
        password = self._home / "password"
        password.write_text(environment["POSTGRES_PASSWORD"])
        if self.account:
            shutil.chown(self._home, self.account.uid, self.account.gid)
            shutil.chown(password, self.account.uid, self.account.gid)
        asked = environment["POSTGRES_INITDB_ARGS"].split()
        user = f"--username={environment['POSTGRES_USER']}"
        self._run("initdb", "--pgdata", str(self._data), user, f"--pwfile={password}", "--no-sync", *asked)
        create = f"CREATE DATABASE {environment['POSTGRES_DB']}\n"
        self._run("postgres", "--single", "-D", str(self._data), "postgres", said=create)

    def words(self) -> Sequence[str]:
        """Where its data are, and what only a test wants."""
        return ["-D", str(self._data), *(word for item in _HERE.items() for word in ("-c", "=".join(item)))]

    def remove(self) -> None:
        """Delete what was copied for the account."""
        shutil.rmtree(shelter_path(self._home), ignore_errors=True)

    def _run(self, program: str, *words: str, said: str | None = None) -> None:
        account = self.account
        subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            [self.programs / program, *words],
            input=said,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
        )
