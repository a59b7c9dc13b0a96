"""Cleaning up in small steps, each of which stands whatever becomes of the next."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.events import services
from app.platform import idempotency
from app.platform.db import transaction
from tests.database import change, count, rows
from tests.events.owed import owe_one
from tests.work import drain, load_tasks, make_due, reach

Forget = Callable[..., int]


def age_deliveries() -> None:
    for _ in range(5):
        owe_one()
    change("UPDATE deliveries SET state = 'done', done_at = now() - interval '8 days'")


def age_keys() -> None:
    change(
        "INSERT INTO idempotency_keys (scope, key, fingerprint, status, body, created_at)"
        " SELECT 'user:ada', number::text, '', 200, '', now() - interval '25 hours'"
        " FROM generate_series(1, 5) AS number"
    )


@pytest.mark.parametrize(
    ("job", "age", "place", "name", "old"),
    [
        (
            "events.forget_done_deliveries",
            age_deliveries,
            services,
            "forget_done",
            "deliveries WHERE consumer = 'tests.plain'",
        ),
        ("platform.forget_idempotency_keys", age_keys, idempotency, "forget_old", "idempotency_keys"),
    ],
)
def test_what_is_forgotten_goes_in_batches_and_each_stands(
    monkeypatch: pytest.MonkeyPatch, job: str, age: Callable[[], None], place: Any, name: str, old: str
) -> None:
    age()
    load_tasks()
    forget: Forget = getattr(place, name)
    batches: list[int] = []

    def forget_twice(session: Session, *, limit: int) -> int:
        assert limit == 500
        if len(batches) == 2:
            raise ZeroDivisionError
        batches.append(forget(session, limit=2))
        return limit

    with monkeypatch.context() as patched:
        patched.setattr(place, name, forget_twice)
        reach(job)
    assert (batches, count(old), count("scheduled_jobs")) == ([2, 2], 1, 0)

    make_due()
    assert drain(only=[job]) == [job]
    assert count(old) == 0
    assert rows("SELECT name FROM scheduled_jobs") == [(job,)]
    assert rows("SELECT state, failures FROM deliveries") == [("done", 1)]


def test_only_so_many_keys_are_deleted_at_once() -> None:
    age_keys()

    with transaction() as session:
        assert idempotency.forget_old(session, limit=3) == 3

    assert count("idempotency_keys") == 2


def test_a_key_that_is_in_use_is_left_to_the_next_time() -> None:
    age_keys()

    with transaction() as session:
        session.connection().exec_driver_sql("SELECT 1 FROM idempotency_keys WHERE key = '1' FOR UPDATE")
        with transaction() as another:
            assert idempotency.forget_old(another, limit=500) == 4

    assert rows("SELECT key FROM idempotency_keys") == [("1",)]
