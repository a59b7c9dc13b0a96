import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from celery import Celery
from sqlalchemy import text

from app.events.claims import Claim
from app.events.services import publish
from app.platform.db import SessionFactory, transaction
from config import Settings
from sandbox.process import Child, Command, launch
from sandbox.ready import says, wait_until
from sandbox.session import members, send
from sandbox.valkey import Valkey
from tasks import events
from tasks.base import run_delivery
from tests.database import rows
from tests.events.owed import PLAIN, Tried, owe_one, row
from tests.tasks.environment import GATE, environment
from tests.tasks.messages import waiting

ROOT = Path(__file__).parents[2]
# A worker that waits for the test must not be told to hurry by the database.
PATIENT = {"LOCK_TIMEOUT": "100", "STATEMENT_TIMEOUT": "100", "IDLE_IN_TRANSACTION_TIMEOUT": "100"}

Start = Callable[..., Child]


@pytest.fixture
def start(settings: Settings, broker: Valkey, tmp_path: Path) -> Iterator[Start]:
    """Starts a worker of the queue `default` with a lease of one second and these settings, ready to work."""
    env = {**os.environ, **environment(settings, broker.url), **PATIENT, "LEASE": "1"}
    with ExitStack() as started:

        def worker(**more: str) -> Child:
            log = tmp_path / f"worker-{len(list(tmp_path.glob('worker-*')))}.log"
            words = ["-A", "tests.tasks.workbench", "worker", "-Q", "default", "-c", "1", "-l", "INFO"]
            quick = ["--without-gossip", "--without-mingle"]
            argv = [sys.executable, "-m", "celery", *words, *quick]
            command = Command(argv=argv, log=log, env=env | more, cwd=ROOT)
            child = launch("The worker", command, ready=says(log, " ready."), within=60)
            started.callback(child.kill)
            return child

        yield worker


def wait_for(condition: Callable[[], bool], what: str) -> None:
    wait_until(condition, within=60, failure=f"in vain waited for: {what}")


def is_done(delivery_id: int) -> bool:
    return row(delivery_id).state == "done"


def traces() -> int:
    ((number,),) = rows("SELECT count(*) FROM events WHERE subject = 'trace of lamp'")
    return int(number)


@contextmanager
def gate_closed() -> Iterator[None]:
    """Keep workers waiting in the middle of their work."""
    with SessionFactory.begin() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:gate)"), {"gate": GATE})
        yield


def somebody_waits() -> bool:
    """Whether a worker of this test process stands at the gate; the server has other databases too."""
    found = rows(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE datname = current_database() AND locktype = 'advisory' AND objid = :gate AND NOT granted",
        gate=GATE,
    )
    return found == [(1,)]


@pytest.mark.usefixtures("bell")
def test_a_worker_does_what_was_published(start: Start, broker: Valkey) -> None:
    start()

    delivery_id = owe_one()

    wait_for(lambda: is_done(delivery_id), "the work")
    assert (row(delivery_id).attempts, traces()) == (1, 1)
    assert waiting(broker, "default") == []


@pytest.mark.usefixtures("bell")
def test_a_killed_workers_work_is_done_once_by_another(
    start: Start, celery: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "app", celery)
    killed = start()
    with gate_closed():
        delivery_id = owe_one()
        wait_for(somebody_waits, "the worker at the gate")
        killed.kill()
    assert row(delivery_id).state == "running"
    assert traces() == 0

    start()

    def relayed() -> bool:
        events.relay()
        return is_done(delivery_id)

    wait_for(relayed, "the second worker")
    assert (row(delivery_id).attempts, row(delivery_id).failures, traces()) == (2, 0, 1)


@pytest.mark.usefixtures("bell")
def test_a_frozen_worker_that_comes_back_commits_nothing(start: Start) -> None:
    frozen = start()
    with gate_closed():
        delivery_id = owe_one()
        wait_for(somebody_waits, "the worker at the gate")
        for pid in members(frozen.pid):
            send(pid, signal.SIGSTOP)
        wait_for(lambda: rows("SELECT lease_until < now() FROM deliveries") == [(True,)], "the lease's end")
        run_delivery(PLAIN.consumer, delivery_id, _leave_trace, 20)
        assert (is_done(delivery_id), traces()) == (True, 1)
    assert frozen.command.log is not None
    lost = says(frozen.command.log, "claim_lost")

    for pid in members(frozen.pid):
        send(pid, signal.SIGCONT)

    wait_for(lost, "the worker's insight")
    assert (row(delivery_id).token, traces()) == (2, 1)
    later = owe_one("chair")
    wait_for(lambda: is_done(later), "work after the thaw")


@pytest.mark.usefixtures("bell")
def test_an_outage_of_the_broker_that_is_longer_than_the_time_limit_kills_nobody(
    start: Start, broker: Valkey, celery: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "app", celery)
    worker = start(TIME_LIMIT="2")
    family = members(worker.pid)
    with gate_closed():
        delivery_id = owe_one()
        wait_for(somebody_waits, "the worker at the gate")
        broker.stop()
        assert worker.command.log is not None
        wait_for(says(worker.command.log, "Cannot connect"), "the worker to notice")
    late = "SELECT done_at < now() - interval '2 s' FROM deliveries"
    wait_for(lambda: rows(late) == [(True,)], "a time limit after the work")

    broker.start()

    later = owe_one("chair")

    def relayed() -> bool:
        events.relay()
        return is_done(later)

    wait_for(relayed, "work after the outage")
    assert (row(delivery_id).attempts, row(later).attempts, traces()) == (1, 1, 1)
    assert members(worker.pid) == family


def _leave_trace(held: Claim) -> None:
    with transaction() as session:
        publish(session, Tried(f"trace of {held.delivery.payload['thing']}"))
        held.finish(session)
