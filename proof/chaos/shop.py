import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

from proof.chaos.proxy import Proxy
from sandbox.addresses import Addresses, app_environment
from sandbox.embedded import Embedded
from sandbox.errors import CannotStart
from sandbox.keys import Keys
from sandbox.part import Part
from sandbox.ports import free_port
from sandbox.postgres import DATABASE
from sandbox.process import Command
from sandbox.programs import Programs
from sandbox.session import kill_session, members
from sandbox.supervisor import Supervisor

TIMES = {
    "LEASE": "3",
    "RING_GAP": "2",
    "BACKOFF_BASE": "0.2",
    "IDLE_IN_TRANSACTION_TIMEOUT": "5",
    "STATEMENT_TIMEOUT": "5",
    "STRIPE_TIMEOUT": "3",
    "SMTP_TIMEOUT": "3",
    "RESERVATION_HOLD": "20",
    "ASK_GAP": "3",
    "LONGEST_ASK_GAP": "15",
    "ASK_EVERY": "10",
    "RECONCILE_EVERY": "10",
    "RECONCILE_RECENT": "900",
    "ACCESS_TOKEN_LIFETIME": "86400",
    "CURRENCIES": "JPY",
    "RATE_LIMITS": "*.*=1000000000",
}
"""Short, so that what a fault leaves behind is soon due; only the buyers' logins outlive the run. The whole
crowd has one address."""
SHIFT_SECONDS = 3600
WORKERS = ("critical", "email", "relay")
NOT_ASKED = ("flower", "live")
"""What only shows others' work stays off."""
BESIDE = {
    "second-beat": b"Scheduler: Sending due task",
    "shifted-beat": b"Scheduler: Sending due task",
    "shifted-worker": b'"delivery_done"',
}
"""What may be added to the shop, and what each writes to its log whenever it has done something."""
_NOBODY = "http://127.0.0.1:9"
_CLIENTS_PER_CREW = 16
"""While Stripe is slow, silent or refuses, workers mostly wait for it: more buyers need more of them."""


class Shop:
    """The shop as `make run` starts it, without Flower, in a folder and on ports of its own.

    Its API, workers and beats reach PostgreSQL and the broker through `database_line` and `broker_line` only.
    Every part has a name of its own, by which `pids` finds it; what dies is started again by the supervisor,
    unless its name is in `kept_down`.
    """

    def __init__(self, folder: Path, clients: int) -> None:
        self.folder = folder
        self._crew = max(1, clients // _CLIENTS_PER_CREW)
        self.keys = Keys()
        self.api_port = free_port()
        self.embedded = Embedded(
            root=folder,
            keys=self.keys,
            mail_port=free_port(),
            stripe_port=free_port(),
            webhook_url=f"http://127.0.0.1:{self.api_port}/v1/webhooks/stripe",
        )
        self.database_line = Proxy(self.embedded.postgres.port)
        self.broker_line = Proxy(self.embedded.broker.port)
        self.kept_down: set[str] = set()
        self.restarts: Counter[str] = Counter()
        self.supervisor = Supervisor(say=self._note, on_change=lambda: None)

    def open(self) -> None:
        """Start everything, with the database migrated and the accounts seeded. Raises CannotStart."""
        parts = self.embedded
        for part in (
            parts.postgres_part(),
            parts.cache_part(),
            parts.broker_part(),
            parts.mail_part(),
            parts.stripe_part(),
        ):
            self._start(part)
        parts.postgres.create_database(DATABASE)
        self.database_line.start()
        self.broker_line.start()
        self.addresses = self._addresses()
        self.environment = app_environment(TIMES, self.addresses, self.keys) | TIMES
        self._programs = Programs(
            env=self.environment,
            port=self.api_port,
            live_port=free_port(),
            flower_port=free_port(),
            root=self.folder,
            crew=self._crew,
        )
        for words in (("alembic", "upgrade", "head"), ("sandbox.demo.seed",)):
            self.supervisor.run(words[0], self.python(*words, log=f"{words[0]}.log"), within=120)
        self._start(*(self._named(part) for part in self._programs.parts() if part.name not in NOT_ASKED))

    def add_second_beat(self) -> None:
        """From now on two beats send everything twice."""
        beat = self._part("Beat")
        schedule = str(self.folder / "var/beat/celerybeat-schedule")
        self._start(_like(beat, "second-beat", {schedule: f"{schedule}-2"}))

    def add_shifted(self) -> None:
        """From now on a worker lives an hour later than all others, and a beat an hour earlier."""
        shifted = ["proof.chaos.shifted", str(SHIFT_SECONDS), "celery"]
        worker = _like(self._part("Worker critical"), "shifted-worker", {"critical@%h": "shifted@%h"})
        self._start(_through(worker, shifted))
        schedule = str(self.folder / "var/beat/celerybeat-schedule")
        beat = _like(self._part("Beat"), "shifted-beat", {schedule: f"{schedule}-3"})
        self._start(_through(beat, ["proof.chaos.shifted", str(-SHIFT_SECONDS), "celery"]))

    def beside(self) -> dict[str, int]:
        """Of each part that was added, how often it has done something so far."""
        logs = {name: self.folder / f"var/log/{name}.log" for name in BESIDE}
        return {name: log.read_bytes().count(BESIDE[name]) for name, log in logs.items() if log.exists()}

    def dismiss(self, *names: str) -> None:
        """End these parts for good."""
        self.kept_down.update(names)
        for name in names:
            if leader := self.pid(name):
                kill_session(leader)

    def close(self) -> None:
        """Stop everything; what was written stays."""
        self.kept_down.clear()
        self.supervisor.stop()
        for proxy in (self.database_line, self.broker_line):
            proxy.stop()

    def remove(self) -> None:
        """Delete what a closed one has written, that of PostgreSQL wherever it is."""
        self.embedded.postgres.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def python(self, *words: str, log: str) -> Command:
        """A program of ours in the environment of the shop."""
        return self._programs.python(*words, log=log)

    def pid(self, name: str) -> int | None:
        """The main process of a part, while it lives."""
        return next(iter(self.supervisor.pids().get(name, [])), None)

    def family(self, name: str) -> list[int]:
        """Every process of a part, its main one first."""
        leader = self.pid(name)
        if leader is None:
            return []
        return [leader, *sorted(set(members(leader)) - {leader})]

    def _note(self, text: str) -> None:
        self.restarts[text.partition(" died")[0]] += " died" in text
        with (self.folder / "supervisor.log").open("a") as log:
            print(text, file=log)

    def _start(self, *parts: Part) -> None:
        self.supervisor.start(*(self._holdable(part) for part in parts))

    def _holdable(self, part: Part) -> Part:
        """The part, which is not started again while it is kept down."""
        prepare = part.prepare

        def prepare_unless_kept_down() -> None:
            if part.name in self.kept_down:
                raise CannotStart(f"{part.title} is kept down")
            if prepare:
                prepare()

        return replace(part, prepare=prepare_unless_kept_down)

    def _part(self, title: str) -> Part:
        return next(part for part in self._programs.parts() if part.title == title)

    def _named(self, part: Part) -> Part:
        return replace(part, name=part.title.removeprefix("Worker ").lower())

    def _addresses(self) -> Addresses:
        parts = self.embedded
        return Addresses(
            api=f"http://127.0.0.1:{self.api_port}",
            live=_NOBODY,
            flower=_NOBODY,
            stripe=f"http://127.0.0.1:{parts.stripe_port}",
            database=parts.postgres.url.replace(f":{parts.postgres.port}/", f":{self.database_line.port}/"),
            redis=parts.cache.url,
            broker=parts.broker.url.replace(f":{parts.broker.port}/", f":{self.broker_line.port}/"),
            smtp=("127.0.0.1", parts.smtp_port),
            mail_page=f"http://127.0.0.1:{parts.mail_port}",
        )


def _like(part: Part, name: str, changes: dict[str, str]) -> Part:
    """Another part like this one, with these words of its command changed and a log of its own."""
    command = part.command
    argv = [changes.get(str(word), word) for word in command.argv]
    log = command.log and command.log.with_name(f"{name}.log")
    return replace(part, name=name, title=name, ready=None, command=replace(command, argv=argv, log=log))


def _through(part: Part, words: list[str]) -> Part:
    """The same part, its Celery started by way of these words."""
    argv = [str(word) for word in part.command.argv]
    place = argv.index("celery")
    return replace(part, command=replace(part.command, argv=[*argv[:place], *words, *argv[place + 1 :]]))
