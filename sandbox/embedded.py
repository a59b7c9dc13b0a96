import sys
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.code import CODE
from sandbox.keys import Keys
from sandbox.part import Part
from sandbox.ports import free_port
from sandbox.postgres import Postgres
from sandbox.process import Command
from sandbox.ready import answers, listens
from sandbox.valkey import Valkey


@dataclass
class Embedded:
    """The servers around the shop, for a machine that has none. Everything they write is below `root`/var."""

    root: Path
    keys: Keys
    mail_port: int
    stripe_port: int
    webhook_url: str
    smtp_port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        """Give each of the three stores its folder, log, port and password."""
        var, keys = self.root / "var", self.keys
        self.postgres = Postgres(var / "postgres", log=self._log("postgres"))
        self.cache = Valkey(
            var / "redis", log=self._log("redis"), password=keys.redis_password, max_memory="128mb"
        )
        self.broker = Valkey(var / "broker", log=self._log("broker"), password=keys.broker_password)

    @property
    def mail_dir(self) -> Path:
        """Where each caught mail is a file."""
        return self.root / "var/mail"

    def postgres_part(self) -> Part:
        """PostgreSQL."""
        return _stored("postgres", "PostgreSQL", self.postgres)

    def cache_part(self) -> Part:
        """Valkey for the cache."""
        return _stored("redis", "Valkey (cache)", self.cache)

    def broker_part(self) -> Part:
        """Valkey for the broker."""
        return _stored("broker", "Valkey (broker)", self.broker)

    def mail_part(self) -> Part:
        """The sink for mail, and the page that shows it."""
        ports = ["--smtp-port", str(self.smtp_port), "--http-port", str(self.mail_port)]
        return Part(
            name="mail",
            title="Mail",
            command=self._python("sandbox.mail", *ports, "--dir", str(self.mail_dir), log="mail"),
            ready=lambda: answers(f"http://127.0.0.1:{self.mail_port}/messages.json"),
        )

    def stripe_part(self) -> Part:
        """The Stripe stand-in."""
        words = ["--port", str(self.stripe_port), "--data", str(self.root / "var/stripe")]
        words += ["--api-key", self.keys.stripe_api_key, "--webhook-secret", self.keys.stripe_webhook_secret]
        return Part(
            name="stripe",
            title="Stripe stand-in",
            command=self._python("sandbox.stripe", *words, "--webhook-url", self.webhook_url, log="stripe"),
            ready=lambda: listens(self.stripe_port),
        )

    def _python(self, *words: str, log: str) -> Command:
        return Command(argv=[sys.executable, "-m", *words], log=self._log(log), cwd=CODE)

    def _log(self, name: str) -> Path:
        return self.root / f"var/log/{name}.log"


def _stored(name: str, title: str, server: Postgres | Valkey) -> Part:
    return Part(
        name=name,
        title=title,
        command=server.command(),
        prepare=server.prepare,
        ready=server.accepts,
        stop_within=5,
    )
