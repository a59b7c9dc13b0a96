import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from app.events.subscriptions import QUEUES, RELAY_QUEUE
from bench.cpu import Roots, check_listener, listeners
from bench.errors import BenchFailed
from bench.statements import SETTINGS
from sandbox.addresses import Addresses, app_environment
from sandbox.code import CODE
from sandbox.embedded import Embedded
from sandbox.keys import Keys
from sandbox.part import Part
from sandbox.ports import free_port
from sandbox.process import Child, Command
from sandbox.programs import Programs
from sandbox.ready import answers, last_lines, says, wait_until
from sandbox.session import members, send
from sandbox.watchdog import Watchdog

# Tokens and holds outlive the longest run. Every checkout opens its payment itself: with fewer slots than
# threads some would answer 202 and leave it to a worker, which is another path.
# One address asks for everything here; its requests are counted all the same, and that costs what it costs.
_SETTINGS = {
    "ACCESS_TOKEN_LIFETIME": "86400",
    "RESERVATION_HOLD": "86400",
    "STRIPE_INLINE_CALLS": "100",
    "RATE_LIMITS": "*.*=1000000000",
}
_HELLO = "gunicorn --worker-class gthread --workers 2 --threads 4 --keep-alive 75 --log-level warning --bind"
BACKROOM, LEAN, BARE = ("beat", "worker"), ("beat", "lean"), ("bare",)
"""Parts that stand still unless they are measured."""
_QUEUES = ",".join((*QUEUES, RELAY_QUEUE))
_NOBODY = "http://127.0.0.1:9"


class Shop:
    """The shop as `make run` starts it, on ports and in a folder of its own, and the yardstick beside it.

    Unlike there, the payment provider answers at once (see `bench.wsgi`), PostgreSQL counts statements, and
    nothing is started again: what dies ends the measurement. stop() ends all of it, also after a failure.
    """

    def __init__(self, folder: Path, given: dict[str, str]) -> None:
        self.api_port, self.hello_port = free_port(), free_port()
        self.keys = Keys()
        self.embedded = Embedded(
            root=folder, keys=self.keys, mail_port=free_port(), stripe_port=free_port(), webhook_url=_NOBODY
        )
        self.embedded.postgres.settings = SETTINGS
        self.folder = folder
        self._given = given
        self._children: dict[str, list[Child]] = {}
        self._watchdog = Watchdog()

    def start_servers(self) -> None:
        """PostgreSQL with the shop's schema, both Valkeys, and the mail sink."""
        parts = self.embedded
        self._start(parts.postgres_part(), parts.cache_part(), parts.broker_part(), parts.mail_part())
        parts.postgres.create_database("backroom")
        self.environment = (
            app_environment(self._given, self._addresses(), self.keys) | _SETTINGS | self._given
        )
        self._programs = Programs(
            env=self.environment,
            port=self.api_port,
            live_port=free_port(),
            flower_port=free_port(),
            root=self.folder,
        )
        self._finish(self._programs.python("alembic", "upgrade", "head", log="migrations.log"))

    def start_counter(self) -> None:
        """The API, and the yardstick."""
        (api,) = (_instead(part, "wsgi:app", "bench.wsgi:app") for part in self._parts("api"))
        self._start(api, self._hello())
        # It answers as soon as one of its processes does; each of them has a socket of its own.
        words = list(api.command.argv)
        count = int(str(words[words.index("--workers") + 1]))
        wait_until(
            lambda: len(listeners(self.api_port) - {None}) == count,
            within=api.ready_within,
            failure=f"The API has not got its {count} processes.",
        )
        self.check_who_answers()

    def start_workers(self, kind: str) -> None:
        """Workers of a kind, unless they are up; they stand still until resume().

        `backroom` are the shop's as `make run` has them, with beat; `lean` is one with two children for all
        queues, with beat; `bare` a worker of the Celery that does nothing. Without a kind there are none.
        """
        kinds: dict[str, Callable[[], list[Part]]] = {
            "backroom": lambda: [*map(_with_nothing, self._parts("worker")), *self._parts("beat")],
            "lean": lambda: [self._worker("lean", "tasks", "-Q", _QUEUES), *self._parts("beat")],
            "bare": lambda: [self._worker("bare", "bench.bare")],
            "": list,
        }
        wanted = [part for part in kinds[kind]() if part.name not in self._children]
        self._start(*wanted)
        self.pause([part.name for part in wanted])

    def check_who_answers(self) -> None:
        """Raise BenchFailed unless API and yardstick are the processes that were started here."""
        check_listener(self.api_port, self._children["api"][0].pid)
        check_listener(self.hello_port, self._children["hello"][0].pid)

    @property
    def roots(self) -> Roots:
        """Whose CPU is the shop's: everything but the mail sink, which stands for somebody else's server."""
        return {
            name: [child.pid for child in children]
            for name, children in self._children.items()
            if name not in ("hello", "mail", *BARE)
        }

    @property
    def bare_roots(self) -> Roots:
        """Whose CPU is the bare Celery's: its worker, and the broker."""
        return {name: [child.pid for child in self._children[name]] for name in ("broker", *BARE)}

    @property
    def hello_roots(self) -> Roots:
        """Whose CPU is the yardstick's."""
        return {"hello": [child.pid for child in self._children["hello"]]}

    def pause(self, parts: Sequence[str] = BACKROOM) -> None:
        """Let these stand still."""
        self._signal(parts, signal.SIGSTOP)

    def resume(self, parts: Sequence[str] = BACKROOM) -> None:
        """Let these work."""
        self._signal(parts, signal.SIGCONT)

    def stop(self) -> None:
        """Stop everything, the last started first, and remove what PostgreSQL left elsewhere."""
        self.resume((*BACKROOM, *LEAN, *BARE))
        for children in reversed(self._children.values()):
            for child in children:
                child.ask_to_stop()
            for child in children:
                child.finish(within=6)
                self._watchdog.forget(child.pid)
        self._watchdog.close()
        self.embedded.postgres.remove()

    def _addresses(self) -> Addresses:
        parts = self.embedded
        return Addresses(
            api=f"http://127.0.0.1:{self.api_port}",
            live=_NOBODY,
            flower=_NOBODY,
            stripe=_NOBODY,
            database=parts.postgres.url,
            redis=parts.cache.url,
            broker=parts.broker.url,
            smtp=("127.0.0.1", parts.smtp_port),
            mail_page=None,
        )

    def _parts(self, name: str) -> list[Part]:
        return [part for part in self._programs.parts() if part.name == name]

    def _worker(self, name: str, app: str, *words: str) -> Part:
        words = ("celery", "-A", app, "worker", "-l", "INFO", "-n", f"{name}@%h", "-c", "2", *words)
        command = self._programs.python(*words, "--without-gossip", "--without-mingle", log=f"{name}.log")
        ready = says(self.folder / f"var/log/{name}.log", " ready.")
        return Part(name=name, title=f"Worker {name}", command=command, ready=ready)

    def _hello(self) -> Part:
        words = [*_HELLO.split(), f"127.0.0.1:{self.hello_port}", "bench.hello:app"]
        command = Command(
            argv=[sys.executable, "-m", *words], log=self.folder / "var/log/hello.log", cwd=CODE
        )
        ready: Callable[[], bool] = lambda: answers(f"http://127.0.0.1:{self.hello_port}/")  # noqa: E731
        return Part(name="hello", title="Flask hello", command=command, ready=ready)

    def _start(self, *parts: Part) -> None:
        started = [(part, self._begin(part)) for part in parts]
        for part, child in started:
            _await(part, child)

    def _begin(self, part: Part) -> Child:
        if part.prepare:
            part.prepare()
        child = Child(part.command)
        self._children.setdefault(part.name, []).append(child)
        self._watchdog.watch(child.pid, part.command.stop_signal)
        return child

    def _finish(self, command: Command) -> None:
        child = Child(command)
        try:
            wait_until(lambda: not child.alive, within=120, failure=f"{command.argv} hangs")
        finally:
            child.kill()
        if child.exit_code:
            raise BenchFailed(f"{command.argv} failed: {last_lines(command.log)}")

    def _signal(self, parts: Sequence[str], number: signal.Signals) -> None:
        for name in parts:
            for child in self._children.get(name, []):
                for pid in members(child.pid):
                    send(pid, number)


def _with_nothing(worker: Part) -> Part:
    return _instead(worker, "tasks", "bench.workers")


def _instead(part: Part, theirs: str, ours: str) -> Part:
    """The part with a module of the bench in place of the shop's."""
    argv = [ours if word == theirs else word for word in part.command.argv]
    if ours not in argv:
        raise BenchFailed(f"{part.title} is not started by {theirs} any more: {ours} must follow.")
    return replace(part, command=replace(part.command, argv=argv))


def _await(part: Part, child: Child) -> None:
    ready = part.ready or (lambda: True)
    failure = f"{part.title} is not ready: "
    wait_until(lambda: not child.alive or ready(), within=part.ready_within, failure=failure)
    if not child.alive:
        raise BenchFailed(failure + last_lines(part.command.log))
