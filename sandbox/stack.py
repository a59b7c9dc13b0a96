import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config import SettingError, load
from sandbox.addresses import Addresses, app_environment
from sandbox.brought import try_servers
from sandbox.closing import closing_text
from sandbox.embedded import Embedded
from sandbox.errors import CannotStart
from sandbox.keys import Keys, kept_keys
from sandbox.part import Part
from sandbox.postgres import DATABASE
from sandbox.private_file import PrivateFile
from sandbox.process import Command
from sandbox.programs import Programs
from sandbox.runfile import run_file
from sandbox.supervisor import Supervisor
from sandbox.wanted import Wanted


class Stack:
    """The whole shop on this machine, below the folder `root`; what `wanted` brings along is not embedded.

    `lock` is the descriptor of the folder's lock. Making one raises CannotStart when a port is taken; nothing
    runs then.
    """

    def __init__(self, root: Path, wanted: Wanted, say: Callable[[str], None], *, lock: int) -> None:
        self._wanted = wanted
        self._say = say
        self.keys: Keys = kept_keys(root / "var/secrets.json")
        self._port = wanted.free_port("PORT", 8000)
        self._live_port = wanted.free_port("LIVE_PORT", 8010)
        self._flower_port = wanted.free_port("FLOWER_PORT", 5555)
        self.root = root
        self.embedded = Embedded(
            root=root,
            keys=self.keys,
            mail_port=8025 if wanted.gives("SMTP_HOST") else wanted.free_port("MAIL_PORT", 8025),
            stripe_port=8420 if wanted.gives("STRIPE_API_KEY") else wanted.free_port("STRIPE_PORT", 8420),
            webhook_url=f"http://127.0.0.1:{self._port}/v1/webhooks/stripe",
        )
        self._run_file = PrivateFile(root / "var/run.json")
        self._run_file.remove()
        self._complete = False
        self.supervisor = Supervisor(say=say, on_change=self._write_run_file, lock=lock)

    def bring_up(self) -> None:
        """Start everything in order, with the database migrated and seeded; raises CannotStart.

        What was brought along is tried first: nothing has been started when it is no use.
        """
        self._check_settings()
        try_servers(self._wanted)
        self._start_servers()
        self.addresses = self._find_addresses(self._given_database or self.embedded.postgres.url)
        environment = app_environment(self._wanted.environment, self.addresses, self.keys)
        environment["PROMETHEUS_MULTIPROC_DIR"] = str(_emptied(self.root / "var/metrics"))
        environment.setdefault("MEDIA_URL", (self.root / "var/media").absolute().as_uri())
        environment["FLOWER_BASIC_AUTH"] = f"admin:{self.keys.flower_password}"
        self.programs = Programs(
            env=environment,
            port=self._port,
            live_port=self._live_port,
            flower_port=self._flower_port,
            root=self.root,
        )
        self._run("Migrations", self.programs.python("alembic", "upgrade", "head", log="migrations.log"))
        self._run("Seed", self.programs.python("sandbox.demo.seed", log="seed.log"))
        with self._timed("API, live updates, workers, beat and Flower are up"):
            self.supervisor.start(*self.programs.parts())
        self._complete = True
        self._write_run_file()

    def sell_something(self) -> None:
        """Let a scripted buyer purchase something and print how; a failure is told, and the shop stays up."""
        words = ["--api", self.addresses.api, "--stripe", self.addresses.stripe]
        words += ["--mail-page", self.addresses.mail_page] if self.addresses.mail_page else []
        command = self.programs.python("sandbox.demo.purchase", *words, log=None)
        self._say("A scripted buyer goes shopping")
        try:
            self.supervisor.run("The purchase", command, within=180)
        except CannotStart:
            self._say("The logs under var/log tell more; everything stays up")

    def closing_text(self) -> str:
        """What a newcomer needs to know about the shop that is up now."""
        stripe_key = self.programs.env["STRIPE_API_KEY"]
        return closing_text(self.addresses, self.keys, stripe_key=stripe_key)

    def stop(self) -> None:
        """Stop everything, within 20 s."""
        self._run_file.remove()
        self._complete = False
        self.supervisor.stop()

    def _start_servers(self) -> None:
        wanted, embedded = self._wanted, self.embedded
        if not wanted.gives("DATABASE_URL"):
            self._start(embedded.postgres_part())
            embedded.postgres.create_database(DATABASE)
        if not wanted.gives("REDIS_URL"):
            self._start(embedded.cache_part())
        if not wanted.gives("CELERY_BROKER_URL"):
            self._start(embedded.broker_part())
        if not wanted.gives("SMTP_HOST"):
            self._start(embedded.mail_part())
        if not wanted.gives("STRIPE_API_KEY"):
            self._start(embedded.stripe_part())

    def _check_settings(self) -> None:
        """Read them as each process of the shop will; only the embedded database has no address yet."""
        addresses = self._find_addresses(self._given_database or "postgresql://127.0.0.1")
        try:
            load(app_environment(self._wanted.environment, addresses, self.keys))
        except SettingError as error:
            raise CannotStart(str(error)) from None

    @property
    def _given_database(self) -> str | None:
        return self._wanted.environment.get("DATABASE_URL")

    def _find_addresses(self, database: str) -> Addresses:
        given, embedded = self._wanted.environment, self.embedded
        catches_mail = not self._wanted.gives("SMTP_HOST")
        stands_in = not self._wanted.gives("STRIPE_API_KEY")
        real_stripe = given.get("STRIPE_API_BASE") or "https://api.stripe.com"
        return Addresses(
            api=f"http://127.0.0.1:{self._port}",
            live=f"http://127.0.0.1:{self._live_port}",
            flower=f"http://127.0.0.1:{self._flower_port}",
            stripe=f"http://127.0.0.1:{embedded.stripe_port}" if stands_in else real_stripe.rstrip("/"),
            database=database,
            redis=given.get("REDIS_URL") or embedded.cache.url,
            broker=given.get("CELERY_BROKER_URL") or embedded.broker.url,
            smtp=("127.0.0.1", embedded.smtp_port) if catches_mail else None,
            mail_page=f"http://127.0.0.1:{embedded.mail_port}" if catches_mail else None,
        )

    def _start(self, part: Part) -> None:
        with self._timed(f"{part.title} is up"):
            self.supervisor.start(part)

    def _run(self, title: str, command: Command) -> None:
        with self._timed(f"{title} done"):
            self.supervisor.run(title, command, within=120)

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        start = time.monotonic()
        yield
        self._say(f"{what} ({time.monotonic() - start:.1f} s)")

    def _write_run_file(self) -> None:
        if not self._complete:
            return
        environment = self.programs.env
        stripe = {
            "api_key": environment["STRIPE_API_KEY"],
            "webhook_secret": environment.get("STRIPE_WEBHOOK_SECRET", ""),
        }
        pids = {**self.supervisor.pids(), "supervisor": [os.getpid()]}
        content = run_file(self.addresses, stripe=stripe, mail_dir=self.embedded.mail_dir, pids=pids)
        self._run_file.write(content)


def _emptied(folder: Path) -> Path:
    """The numbers of the last run are gone; the processes of this one share the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
