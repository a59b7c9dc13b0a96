import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.events.services import record_success
from app.ops.queries import backlog
from app.ops.services import probes, readiness
from app.ops.services.probes import Check
from app.ops.services.readiness import Prober
from app.platform import clock
from app.platform.db import transaction
from config import Settings
from sandbox.session import send
from sandbox.valkey import Valkey
from tests.database import change
from tests.sales import make_sale

JOBS = {"events.relay": timedelta(seconds=2), "events.forget_done_deliveries": timedelta(seconds=600)}
HEAD = "SELECT version_num FROM alembic_version"

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def ask(app: Flask, client: FlaskClient, settings: Settings) -> Iterator[Ask]:
    """What /ready answers with other settings."""
    known = app.extensions["prober"]

    def ready(jobs: dict[str, timedelta] | None = None, **values: Any) -> tuple[int, Any]:
        app.extensions["prober"] = Prober(replace(settings, **values), jobs or {})
        answer = client.get("/ready")
        return answer.status_code, answer.get_json()

    yield ready
    app.extensions["prober"] = known


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Valkey]:
    """A cache that the test may stop."""
    server = Valkey(tmp_path / "cache", log=tmp_path / "cache.log")
    server.start()
    yield server
    server.stop()


def statuses(body: Any) -> dict[str, str]:
    return {name: check["status"] for name, check in body["checks"].items()}


def test_a_shop_in_order_is_ready(ask: Ask) -> None:
    with transaction() as session:
        for job in JOBS:
            record_success(session, job)

    status, body = ask(JOBS)

    assert (status, body["status"]) == (200, "ok")
    assert statuses(body) == {
        "database": "ok",
        "schema": "ok",
        "deliveries": "ok",
        "job events.relay": "ok",
        "job events.forget_done_deliveries": "ok",
        "broker": "ok",
        "cache": "ok",
    }
    assert body["checks"]["deliveries"]["oldest_overdue_seconds"] == 0


def test_without_a_redis_the_api_still_wants_requests(ask: Ask, cache: Valkey) -> None:
    url = cache.url
    assert ask(redis_url=url, celery_broker_url=url)[1]["status"] == "ok"
    cache.stop()

    status, body = ask(redis_url=url, celery_broker_url=url)

    assert (status, body["status"]) == (200, "degraded")
    assert body["checks"]["cache"] == {"status": "degraded", "reason": "ConnectionError"}
    assert statuses(body)["broker"] == "degraded"
    assert statuses(body)["database"] == "ok"


def test_a_redis_that_hangs_holds_up_the_answer_only_briefly(ask: Ask, cache: Valkey) -> None:
    assert cache.pid is not None
    send(cache.pid, signal.SIGSTOP)
    started = time.monotonic()
    try:
        status, body = ask(redis_url=cache.url, celery_broker_url=cache.url)
    finally:
        seconds = time.monotonic() - started
        send(cache.pid, signal.SIGCONT)

    assert (status, statuses(body)["broker"], statuses(body)["cache"]) == (200, "degraded", "degraded")
    assert seconds < 10


def test_without_its_database_an_api_is_not_ready(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise ConnectionError

    monkeypatch.setattr("app.ops.services.probes.transaction", away)

    status, body = ask()

    assert (status, body["type"]) == (503, "/problems/not-ready")
    assert body["checks"]["database"] == {"status": "failed", "reason": "ConnectionError"}
    assert statuses(body) == {"database": "failed", "broker": "ok", "cache": "ok"}


@pytest.mark.parametrize(
    ("revision", "status", "schema"),
    [("20261120_first_sale", 503, "failed"), ("20991231_of_the_next_release", 200, "degraded")],
)
def test_a_schema_behind_the_code_stops_requests_and_one_ahead_does_not(
    ask: Ask, revision: str, status: int, schema: str
) -> None:
    with transaction() as session:
        head = session.connection().exec_driver_sql(HEAD).scalar_one()
    change("UPDATE alembic_version SET version_num = :revision", revision=revision)
    try:
        answered, body = ask()
    finally:
        change("UPDATE alembic_version SET version_num = :revision", revision=head)

    assert (answered, body["checks"]["schema"]["status"]) == (status, schema)
    assert body["checks"]["schema"]["found"] == [revision]
    assert body["checks"]["schema"]["expected"] == head


def test_work_that_nobody_takes_is_told(ask: Ask) -> None:
    with transaction() as session:
        make_sale(session)
    change("UPDATE deliveries SET run_after = now() - interval '61 seconds' WHERE queue = 'email'")

    status, body = ask()

    assert (status, body["status"]) == (200, "degraded")
    assert 61 <= body["checks"]["deliveries"]["oldest_overdue_seconds"] < 70


def test_a_backlog_that_takes_too_long_to_count_is_told_and_the_database_is_there(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "backlogs", lambda session: session.execute(text("SELECT pg_sleep(1.2)")))

    status, body = ask(JOBS)

    assert (status, body["status"]) == (200, "degraded")
    assert body["checks"]["deliveries"] == {"status": "degraded", "reason": "QueryCanceled"}
    checks = statuses(body)
    assert (checks["database"], checks["schema"], checks["job events.relay"]) == ("ok", "ok", "ok")


def test_jobs_that_are_not_known_are_told_each(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "last_successes", lambda session: session.execute(text("SELECT 1 / 0")))

    status, body = ask(JOBS)

    assert (status, body["status"]) == (200, "degraded")
    assert [body["checks"][f"job {job}"] for job in JOBS] == [
        {"status": "degraded", "reason": "DivisionByZero"}
    ] * len(JOBS)
    assert statuses(body)["deliveries"] == "ok"


def test_a_job_that_stopped_succeeding_is_told(ask: Ask) -> None:
    with transaction() as session:
        for job in JOBS:
            record_success(session, job)
    change("UPDATE scheduled_jobs SET last_success_at = now() - interval '65 seconds'")

    status, body = ask(JOBS)

    assert status == 200
    assert body["checks"]["job events.relay"]["status"] == "degraded"
    assert 65 <= body["checks"]["job events.relay"]["seconds_since_success"] < 75
    assert body["checks"]["job events.forget_done_deliveries"]["status"] == "ok"


def test_a_job_that_never_succeeded_is_late_once_the_process_is_old(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(JOBS)[1]["checks"]["job events.relay"] == {"status": "ok", "seconds_since_success": None}

    long_ago = clock.now() - timedelta(seconds=70)
    monkeypatch.setattr("app.platform.clock.now", lambda: long_ago)
    _, body = ask(JOBS)

    assert statuses(body)["job events.relay"] == "degraded"
    assert statuses(body)["job events.forget_done_deliveries"] == "ok"


def test_one_look_serves_all_who_ask_within_a_second(
    ask: Ask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[dict[str, Check]] = []

    def count(*_: object, **__: object) -> dict[str, Check]:
        looks.append({})
        return {}

    monkeypatch.setattr(probes, "database", count)
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 60.0)
    ask()
    client.get("/ready")
    within = len(looks)

    monkeypatch.setattr(readiness, "KEPT_SECONDS", 0.0)
    client.get("/ready")

    assert (within, len(looks)) == (1, 2)


def test_who_asks_during_a_look_is_told_what_the_one_before_found(
    ask: Ask, app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask()
    begun, go_on = Event(), Event()

    def hang(*_: object, **__: object) -> dict[str, Check]:
        begun.set()
        go_on.wait(1)
        return {"database": Check("failed")}

    monkeypatch.setattr(probes, "database", hang)
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 0.0)
    with ThreadPoolExecutor(1) as others:
        other = others.submit(app.extensions["prober"].look)
        assert begun.wait(10)

        answer = client.get("/ready")

        assert (answer.status_code, statuses(answer.get_json())["database"]) == (200, "ok")
        assert not other.done()
        go_on.set()
        assert other.result().status == "failed"
