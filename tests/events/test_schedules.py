from datetime import timedelta

import pytest

from app.events import repairs, services
from app.events.subscriptions import Subscription
from app.platform.db import transaction
from tests.database import change, count, rows
from tests.events.owed import owe_one, row, subscribe
from tests.threads import at_once

AGES = timedelta(days=20_000)
"""A period that began long ago and ends long after these tests."""
SHORT = timedelta(microseconds=1)
HOURLY = Subscription("tests.hourly", "bulk", key=("job", "slot"))
NIGHTLY = Subscription("tests.nightly", "bulk", key=("job", "slot"))


@pytest.fixture(autouse=True)
def jobs(plain: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two scheduled jobs that only tests know."""
    subscribe(monkeypatch, HOURLY, NIGHTLY, topic="schedule.slot_reached")


def reach(job: str, period: timedelta) -> None:
    with transaction() as session:
        services.publish_slot(session, job, period)


def test_however_often_a_slot_is_reached_its_job_is_owed_once() -> None:
    for _ in range(3):
        reach("tests.hourly", AGES)

    assert rows("SELECT consumer, queue FROM deliveries") == [("tests.hourly", "bulk")]


def test_of_schedulers_at_once_one_owes_it() -> None:
    at_once(lambda _: reach("tests.hourly", AGES))

    assert count("deliveries") == 1


def test_the_next_slot_is_owed_for_itself_and_other_jobs_are_too() -> None:
    for _ in range(2):
        reach("tests.hourly", SHORT)
    reach("tests.nightly", AGES)

    assert rows("SELECT consumer FROM deliveries ORDER BY id") == [
        ("tests.hourly",),
        ("tests.hourly",),
        ("tests.nightly",),
    ]


def test_a_slot_begins_at_a_multiple_of_its_period_in_utc() -> None:
    reach("tests.hourly", timedelta(hours=1))

    ((slot, hour),) = rows(
        "SELECT payload->>'slot', to_char(date_trunc('hour', occurred_at), 'YYYY-MM-DD\"T\"HH24:00:00+00:00')"
        " FROM events"
    )
    assert slot == hour
    assert rows("SELECT dedupe_key FROM deliveries") == [(f"tests.hourly:{slot}",)]


def test_the_last_success_of_a_job_is_its_newest() -> None:
    with transaction() as session:
        services.record_success(session, "tests.hourly")
    change("UPDATE scheduled_jobs SET last_success_at = now() - interval '1 day'")

    with transaction() as session:
        services.record_success(session, "tests.hourly")

    assert rows("SELECT name, last_success_at > now() - interval '1 minute' FROM scheduled_jobs") == [
        ("tests.hourly", True)
    ]


def make(state: str) -> int:
    delivery_id = owe_one()
    change(f"UPDATE deliveries SET {state} WHERE id = :id", id=delivery_id)  # noqa: S608  # the tests' words
    return delivery_id


def test_what_was_done_a_week_ago_is_forgotten_and_its_fact_is_not() -> None:
    old = make("state = 'done', done_at = now() - interval '7 days 1 minute'")
    kept = [
        make("state = 'done', done_at = now() - interval '6 days 23 hours'"),
        make("state = 'dead', created_at = now() - interval '1 year'"),
        make("created_at = now() - interval '1 year'"),
    ]

    with transaction() as session:
        assert services.forget_done(session, limit=500) == 1

    assert rows("SELECT id FROM deliveries ORDER BY id") == [(each,) for each in kept]
    assert old not in kept
    assert count("events") == 4


def test_a_batch_of_forgetting_is_bounded() -> None:
    for _ in range(5):
        make("state = 'done', done_at = now() - interval '8 days'")

    with transaction() as session:
        assert services.forget_done(session, limit=3) == 3
    assert count("deliveries") == 2


@pytest.mark.parametrize("over", ["state = 'done', done_at = now()", "state = 'dead'"])
def test_an_operator_can_have_work_done_once_more(over: str) -> None:
    delivery_id = make(
        f"{over}, failures = 3, attempts = 9, token = 9, run_after = now() + interval '1 hour'"
    )

    rings = replay(row(delivery_id).dedupe_key)

    again = row(delivery_id)
    assert (again.state, again.failures, again.attempts, again.token) == ("pending", 0, 0, 9)
    assert again.done_at is None
    assert rows("SELECT run_after <= now() FROM deliveries") == [(True,)]
    assert [ring.delivery_id for ring in rings] == [delivery_id]


@pytest.mark.parametrize("under_way", ["state = 'running', lease_until = now()", "attempts = 1"])
def test_work_under_way_is_not_begun_again(under_way: str) -> None:
    delivery_id = make(under_way)
    before = rows("SELECT * FROM deliveries")

    assert replay(row(delivery_id).dedupe_key) == []

    assert rows("SELECT * FROM deliveries") == before


def replay(dedupe_key: str) -> list[services.Ring]:
    with transaction() as session:
        begun = repairs.replay(session, consumer="tests.plain", dedupe_key=dedupe_key)
        rings = list(services.take_rings(session))
    assert begun == bool(rings)
    return rings
