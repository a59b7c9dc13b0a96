import os
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sandbox import binaries
from sandbox.account import Account
from sandbox.errors import CannotStart
from sandbox.ready import wait_until
from sandbox.session import send, working_in

# The same collation on every platform, and right for all letters: libc's C locale lowers only ASCII.
_LOCALE = ("--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST", "--locale=C", "--encoding=UTF8")


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """The files of one PostgreSQL server in the folder `place`, and its superuser's password (mode 0600).

    They belong to `account` when there is one, else to us.
    """

    place: Path
    account: Account | None

    @property
    def path(self) -> Path:
        """Where PostgreSQL keeps its data."""
        return self.place / "data"

    @property
    def password(self) -> str:
        """The superuser's password; there is one as soon as prepare() has run."""
        return self._password_file.read_text()

    def prepare(self, *, initdb: Path, user: str, durable: bool) -> None:
        """Make it fit for a start: created on the first call, cleared of a crash later.

        Raises CannotStart when a server runs on it, or when another major version made it.
        """
        if not self.path.exists():
            self._create(initdb, user, durable=durable)
        self._check()
        self._clear_crash()

    @property
    def _password_file(self) -> Path:
        return self.place / "password"

    def _create(self, initdb: Path, user: str, *, durable: bool) -> None:
        # Beside its final place, so that a half-made one is never taken for a whole one.
        unfinished = self.place / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self._write_password()
        if self.account:
            os.chown(unfinished, self.account.uid, self.account.gid)
            os.chown(self._password_file, self.account.uid, self.account.gid)
        options = [
            f"--pgdata={unfinished}",
            f"--pwfile={self._password_file}",
            f"--username={user}",
            *_LOCALE,
        ]
        self._run([initdb, "--auth=scram-sha-256", *options, *([] if durable else ["--no-sync"])])
        unfinished.rename(self.path)

    def _run(self, argv: list[Path | str]) -> None:
        account = self.account
        done = subprocess.run(
            argv,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CannotStart(f"PostgreSQL could not make its data directory: {done.stderr.strip()}")

    def _write_password(self) -> None:
        self._password_file.unlink(missing_ok=True)
        descriptor = os.open(self._password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24))

    def _check(self) -> None:
        version = (self.path / "PG_VERSION").read_text().strip()
        if version != str(binaries.POSTGRES_MAJOR):
            made = f"{self.path} was made by PostgreSQL {version}, this is {binaries.POSTGRES_MAJOR}"
            raise CannotStart(f"{made}: `make clean` removes it")
        if not self._password_file.exists():
            raise CannotStart(f"The password of {self.path} is lost: `make clean` removes it")

    def _clear_crash(self) -> None:
        """End what a killed server left, then drop its lock file: its number may be in use again."""
        lock = self.path / "postmaster.pid"
        if not lock.exists():
            return
        server = int(lock.read_text().split()[0])
        wait_until(
            lambda: server not in working_in(self.path),
            within=10,
            failure=f"PostgreSQL {server} runs on {self.path}: is another `make run` up?",
        )
        for backend in working_in(self.path):
            send(backend, signal.SIGKILL)
        wait_until(lambda: not working_in(self.path), within=5, failure=f"{self.path} is still in use")
        if Path("/proc").is_dir():  # elsewhere we cannot know that it is stale; PostgreSQL judges by itself
            lock.unlink(missing_ok=True)
