"""Doing the backroom's work inside a test: each due delivery, by the very task that a worker would run."""

import os
from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import cache
from threading import Lock
from typing import Any
from unittest.mock import patch

from sqlalchemy import text

from app.events.claims import is_due
from app.events.models import DeliveryRecord
from app.events.services import publish_slot
from app.platform.db import transaction
from app.platform.settings import settings

WITHOUT_MAIL = ("critical", "default", "bulk")
ALL = (*WITHOUT_MAIL, "email")
MOST_ROUNDS = 50
_LOADING = Lock()


def drain(*, queues: tuple[str, ...] = WITHOUT_MAIL, only: Collection[str] = ()) -> list[str]:
    """Run what is due in these queues, and what follows from it, each delivery once; the consumers that ran.

    `only`: of these consumers, if it names any.

    A delivery that fails waits for its backoff, so it is left to the next `drain()`; see `make_due()`.
    """
    tried: set[int] = set()
    ran: list[str] = []
    for _ in range(MOST_ROUNDS):
        due = [each for each in _due(queues) if each[0] not in tried and (not only or each[1] in only)]
        if not due:
            return ran
        for delivery_id, consumer in due:
            _tasks()[consumer](delivery_id)
            tried.add(delivery_id)
            ran.append(consumer)
    raise AssertionError(f"the work does not end: {ran}")


def do_one(position: int) -> None:
    """Run one of the due deliveries, if there is one; the number picks which."""
    if due := _due(ALL):
        delivery_id, consumer = due[position % len(due)]
        _tasks()[consumer](delivery_id)


def tick(task: str) -> None:
    """Run a task that beat starts, now."""
    _tasks()[task]()


def reach(job: str) -> None:
    """Have a scheduled job's time come, and do it."""
    with transaction() as session:
        publish_slot(session, job, timedelta(days=1))
    assert drain(only=[job]) == [job]


def make_due() -> None:
    """Let the time pass that deliveries wait for: their backoff, and the leases of workers that are gone."""
    with transaction() as session:
        session.execute(text("UPDATE deliveries SET run_after = now() WHERE state IN ('pending', 'running')"))
        session.execute(
            text("UPDATE deliveries SET lease_until = now() - interval '1 second' WHERE state = 'running'")
        )


def load_tasks() -> None:
    """Have the tasks here, for tests that change something of them."""
    _tasks()


def _due(queues: tuple[str, ...]) -> list[tuple[int, str]]:
    record = DeliveryRecord
    with transaction() as session:
        found = session.query(record.id, record.consumer).where(is_due(), record.queue.in_(queues))
        return [(row.id, row.consumer) for row in found.order_by(record.id)]


def _tasks() -> Mapping[str, Any]:
    """The registered tasks, to several threads, too: the first of them loads all."""
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> Mapping[str, Any]:
    """`celeryconfig` reads the environment once, and finds what tests run with."""
    known = settings()
    told = {
        "APP_ENV": known.app_env,
        "DATABASE_URL": known.database_url,
        "REDIS_URL": known.redis_url,
        "CELERY_BROKER_URL": known.celery_broker_url,
        "JWT_SECRET_KEY": known.jwt_secret_key,
        "STRIPE_API_KEY": known.stripe_api_key,
        "STRIPE_WEBHOOK_SECRET": ",".join(known.stripe_webhook_secrets),
        "SMTP_HOST": known.smtp.host,
        "MAIL_FROM": known.mail_from,
    }
    with patch.dict(os.environ, told):
        from tasks.celery import app

        app.loader.import_default_modules()
        return dict(app.tasks)
