import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.binaries import valkey_program
from sandbox.ports import free_port
from sandbox.process import Child, Command, launch
from sandbox.ready import listens


@dataclass
class Valkey:
    """A Valkey server of our own that keeps nothing on disk, on 127.0.0.1 with a password.

    With `max_memory` (such as "64mb") it is a cache and forgets what is used least; without, it is a broker
    and never forgets.
    """

    home: Path
    log: Path
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    max_memory: str | None = None
    _child: Child | None = field(default=None, init=False, repr=False)

    @property
    def url(self) -> str:
        """Its first database, with full rights."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int | None:
        """The process that start() began, while it lives."""
        return self._child.pid if self._child and self._child.alive else None

    def prepare(self) -> None:
        """Write its settings; in a file, because everybody on the machine can read a command line."""
        self.home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._settings_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.writelines(f'{name} "{value}"\n' for name, value in self._settings().items())

    def command(self) -> Command:
        """How to run it in the foreground; SIGTERM stops it at once."""
        return Command(argv=[valkey_program(), self._settings_file], log=self.log, cwd=self.home)

    def accepts(self) -> bool:
        """Whether clients can connect."""
        return listens(self.port)

    def start(self) -> None:
        """Run it as a child of ours until stop(), ready when this returns."""
        self.prepare()
        self._child = launch("Valkey", self.command(), ready=self.accepts, within=10)

    def stop(self) -> None:
        """Stop it; what it held is gone. A stopped one is left alone."""
        if self._child:
            self._child.stop(within=5)

    def kill(self) -> None:
        """Kill it without a warning."""
        if self._child:
            self._child.kill()

    @property
    def _settings_file(self) -> Path:
        return self.home / "valkey.conf"

    def _settings(self) -> dict[str, str]:
        policy = {"maxmemory": self.max_memory, "maxmemory-policy": "allkeys-lfu"} if self.max_memory else {}
        return {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "requirepass": self.password,
            "dir": str(self.home),
            "save": "",
            "appendonly": "no",
            "maxmemory-policy": "noeviction",
            **policy,
        }
