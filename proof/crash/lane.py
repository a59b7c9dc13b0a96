"""A lane plays one run after the other: with a database, a stand-in, a mail server and a queue of its own."""

import ctypes
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis
from sqlalchemy import Connection

from proof.crash.edges import Plan
from proof.crash.ending import Post, caught, ending
from proof.crash.life import Clock, Parts, write_to
from proof.crash.process import Stuck, start
from proof.crash.provider import Provider
from proof.crash.receiver import Receiver
from proof.crash.rehearsal import rehearse, without_threads
from proof.crash.scenarios import SCENARIOS
from proof.crash.scenarios.scenario import Scenario
from proof.crash.servers import Shared
from proof.crash.stopping import leave_it_to_others
from proof.crash.world import Shop, World
from proof.oracle import connected, judge
from sandbox.code import CODE
from sandbox.mail.inbox import Inbox
from sandbox.ports import free_port
from sandbox.process import Child, Command, launch
from sandbox.ready import listens

API_KEY, SECRET = "sk_test_crash", "whsec_of_the_crashes"  # of a stand-in on this machine
_PR_SET_PDEATHSIG = 1
LOG_TAIL = 8000
REHEARSED_AT = 3
"""What is played so often is worth a rehearsal; the very first one teaches what all have in common."""


@dataclass(frozen=True, slots=True)
class Run:
    """A scenario with one thing that goes wrong, or with none: then it tells what its edges are.

    `may_double`: a mail or webhook may come twice, because it was taken and nobody could note that.
    `in_doubt`: a text message may be given up, because nobody knows whether it was taken.
    """

    scenario: str
    plan: Plan | None = None
    may_double: bool = False
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run. `doubled`: what came once more than needed, where that cannot be avoided."""

    run: Run
    violations: tuple[str, ...]
    edges: tuple[str, ...]
    seconds: float
    doubled: int = 0
    log: str = ""


@dataclass(slots=True)
class Lane:
    """The servers and parts of this process."""

    parts: Parts
    oracle: Connection
    database: psycopg.Connection[Any]
    broker: Redis
    stripe: Provider
    mail_folder: Path
    media_folder: Path
    receiver: Receiver
    tables: str
    children: list[Child] = field(default_factory=list)
    _plays: Counter[str] = field(default_factory=Counter)

    def play(self, run: Run) -> Outcome:
        """Play it on empty books, and judge how it ended."""
        scenario, began = SCENARIOS[run.scenario], time.monotonic()
        self._plays[run.scenario] += 1
        if self._plays.total() == 1 or self._plays[run.scenario] == REHEARSED_AT:
            self._rehearse(scenario)
        world = self._world(lambda plan: start(self.parts, plan), run.plan)
        post = Post((), 0)
        try:
            scenario.play(world)
            world.end()
            post = caught(world)
            found = [
                *scenario.ending.differs(ending(world, post, in_doubt=run.in_doubt)),
                *_unexpected(run, world, post),
            ]
            found += self._broken(world)
        except Stuck as trouble:
            found = [str(trouble)]
        log = self.parts.log.read_text(errors="replace")[-LOG_TAIL:] if found else ""
        return Outcome(run, tuple(found), tuple(world.crossed), time.monotonic() - began, post.doubled, log)

    def _broken(self, world: World) -> list[str]:
        """The invariants that the oracle finds broken."""
        inbox = Inbox(self.mail_folder).newest(100)
        verdict = judge(self.oracle, books=self.stripe.books(), inbox=inbox, history=world.history)
        return [f"{each.id} {each.sentence} {each.examples}" for each in verdict.violations]

    def _rehearse(self, scenario: Scenario) -> None:
        world = self._world(lambda _: rehearse(self.parts), None)
        with without_threads(self.parts.app):
            scenario.play(world)
        world.process.end()

    def _world(self, starting: Callable[[Plan | None], Shop], plan: Plan | None) -> World:
        """Empty books, and a shop that has just begun."""
        self.parts.log.write_bytes(b"")
        self.database.execute(self.tables.encode())
        self.broker.flushdb()
        self.stripe.reset()
        for file in self.mail_folder.glob("*.eml"):
            file.unlink()
        self.receiver.forget()
        outside = self.mail_folder, self.media_folder, self.receiver
        return World(starting, self.database, self.broker, self.stripe, *outside, plan)


def _unexpected(run: Run, world: World, post: Post) -> list[str]:
    found = list(world.accidents)
    if run.plan and not world.hit:
        found.append("the edge was never reached")
    if post.doubled > int(run.may_double):
        found.append(f"{post.doubled} mails or webhooks came once more than needed")
    return found


_lane: list[Lane] = []


def open_lane(shared: Shared, number: Any) -> None:
    """Start the lane of this process; it ends with the process."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    leave_it_to_others()
    with number.get_lock():
        number.value += 1
        name = f"lane_{number.value}"
        broker = shared.broker.rpartition("/")[0] + f"/{number.value}"
    lane = _opened(shared, name, broker)
    Finalize(None, _close, exitpriority=10)
    _lane.append(lane)


def play(run: Run) -> Outcome:
    """Play a run in the lane of this process."""
    return _lane[0].play(run)


def _close() -> None:
    for child in _lane[0].children:
        child.stop(within=2)


def _opened(shared: Shared, name: str, broker: str) -> Lane:
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=shared.folder))
    write_to(folder / "shop.log")
    url = shared.clone(name)
    stripe_port, smtp_port, receiver_port = free_port(), free_port(), free_port()
    receiver = Receiver(f"http://127.0.0.1:{receiver_port}", folder / "calls.jsonl")
    children = [_stripe(folder, stripe_port), _mail(folder, smtp_port)]
    children.append(
        _launch(folder, "Receiver", "proof.crash.receiver", [receiver_port, receiver.file], receiver_port)
    )
    stripe = f"http://127.0.0.1:{stripe_port}"
    os.environ |= _environment(url, broker, shared.cache, stripe)
    os.environ |= {"SMS_API_BASE": receiver.url}
    os.environ |= {"SMTP_PORT": str(smtp_port), "MEDIA_URL": (folder / "media").as_uri()}
    database = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    return Lane(
        parts=_parts(folder / "shop.log"),
        oracle=connected(url),
        database=database,
        broker=Redis.from_url(broker),
        stripe=Provider(stripe, API_KEY, SECRET),
        mail_folder=folder / "mail",
        media_folder=folder / "media",
        receiver=receiver,
        tables=_emptying(database),
        children=children,
    )


def _environment(database: str, broker: str, cache: str, stripe: str) -> dict[str, str]:
    return {
        "APP_ENV": "development",
        "DATABASE_URL": database,
        "REDIS_URL": cache,
        "CELERY_BROKER_URL": broker,
        "JWT_SECRET_KEY": "a key for crashes of more than 32 characters",
        "STRIPE_API_KEY": API_KEY,
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": stripe,
        # Nothing hangs for real: on a busy machine nothing shall look as if it did.
        "STRIPE_INLINE_TIMEOUT": "10",
        "DOORBELL_BUDGET": "5",
        "RATE_LIMITS": "*.*=1000000000",
        "SMTP_HOST": "127.0.0.1",
        "SMS_PROVIDER": "twilio",
        "SMS_ACCOUNT": "AC1",
        "SMS_TOKEN": "of the crashes",
        "SMS_FROM": "+442079460958",
        "MAIL_FROM": "Backroom <shop@example.com>",
    }


def _parts(log: Path) -> Parts:
    """The shop, put together as an API process and a worker are, in this order after the environment."""
    import stripe

    from app.factory import create_app
    from app.payments.gateway.inline import InlineCalls
    from app.platform.breaker import Breaker
    from app.platform.db import SessionFactory
    from config import load
    from tasks import doorbell
    from tasks.celery import app as celery

    stripe.HTTPClient.INITIAL_DELAY = 0.01  # how long the SDK waits before its second try
    settings = load()
    application = create_app(settings)
    celery.loader.import_default_modules()
    clock, bell = Clock(), doorbell.install(celery, settings)
    bell._breaker = Breaker("doorbell", failures=1, pause=doorbell.BREAK_SECONDS, monotonic=clock)
    application.extensions["inline_calls"] = InlineCalls(limit=settings.stripe_inline_calls, monotonic=clock)
    return Parts(app=application, engine=SessionFactory.kw["bind"], celery=celery, clock=clock, log=log)


def _emptying(database: psycopg.Connection[Any]) -> str:
    found = database.execute(
        "SELECT quote_ident(tablename) FROM pg_tables"
        " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    )
    deletes = "; ".join(f"DELETE FROM {table}" for (table,) in found)  # noqa: S608  # names of tables
    return f"BEGIN; SET LOCAL session_replication_role = replica; {deletes}; COMMIT"


def _stripe(folder: Path, port: int) -> Child:
    words = ["--port", port, "--data", folder / "books", "--api-key", API_KEY, "--webhook-secret", SECRET]
    words += ["--webhook-url", "http://127.0.0.1:9", "--bank-seconds", "0.05"]
    return _launch(folder, "Stripe", "sandbox.stripe", words, port)


def _mail(folder: Path, port: int) -> Child:
    page = free_port()
    words = ["--smtp-port", port, "--http-port", page, "--dir", folder / "mail"]
    return _launch(folder, "Mail", "sandbox.mail", words, page)


def _launch(folder: Path, name: str, module: str, words: list[Any], port: int) -> Child:
    argv = [sys.executable, "-m", module, *map(str, words)]
    command = Command(argv=argv, log=folder / f"{name}.log", cwd=CODE)
    return launch(name, command, ready=lambda: listens(port), within=30)
