from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.events.events import Event
from app.events.services import publish, take_rings
from app.platform import context, db
from app.platform.db import SessionFactory, transaction
from tests.database import count, rows
from tests.events.owed import MONEY, PLAIN, Tried, owe, subscribe


def test_a_fact_and_the_work_it_means_are_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    subscribe(monkeypatch, PLAIN, MONEY)
    context.begin(actor="user:7", request_id="r1", trace_context="t1")

    rings = owe("lamp")

    (event,) = rows("SELECT id, topic, subject, payload, actor, request_id, trace_context FROM events")
    assert event[1:] == ("tests.tried", "lamp", {"thing": "lamp"}, "user:7", "r1", "t1")
    assert rows(
        "SELECT id, consumer, queue, dedupe_key, state, attempts, failures, rings, token"
        " FROM deliveries WHERE event_id = :id ORDER BY id",
        id=event[0],
    ) == [
        (rings[0].delivery_id, "tests.plain", "default", str(event[0]), "pending", 0, 0, 0, 0),
        (rings[1].delivery_id, "tests.money", "critical", "lamp", "pending", 0, 0, 0, 0),
    ]
    assert [(ring.consumer, ring.queue) for ring in rings] == [
        ("tests.plain", "default"),
        ("tests.money", "critical"),
    ]


def test_it_is_due_at_once_and_the_relay_leaves_it_to_the_doorbell_for_four_seconds() -> None:
    owe()

    assert rows("SELECT run_after = created_at, ring_after - created_at FROM deliveries") == [
        (True, timedelta(seconds=4))
    ]


def test_a_fact_knows_the_transaction_that_told_it() -> None:
    with transaction() as session:
        publish(session, Tried("lamp"))
        assert rows("SELECT xid = pg_current_xact_id() FROM events", session) == [(True,)]


def test_what_is_rolled_back_was_never_said(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[Session] = []
    monkeypatch.setattr(db, "_after_commit", {"ring": rung.append})

    def fail() -> None:
        with transaction() as session:
            publish(session, Tried("lamp"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert rung == []
    assert (count("events"), count("deliveries")) == (0, 0)


def test_the_commit_leaves_every_new_delivery_to_ring_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr(db, "_after_commit", {"ring": lambda session: seen.extend(take_rings(session))})

    with transaction() as session:
        rings = publish(session, Tried("lamp")) + publish(session, Tried("chair"))

    assert seen == rings
    assert list(take_rings(session)) == []


def test_a_fact_without_subscribers_is_a_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    subscribe(monkeypatch)

    assert owe() == []
    assert (count("events"), count("deliveries")) == (1, 0)


def test_work_that_is_owed_is_not_owed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    subscribe(monkeypatch, PLAIN, MONEY)
    owe("lamp")

    again, other = owe("lamp"), owe("chair")

    assert [ring.consumer for ring in again] == ["tests.plain"]
    assert [ring.consumer for ring in other] == ["tests.plain", "tests.money"]
    assert count("events") == 3
    assert rows("SELECT dedupe_key FROM deliveries WHERE consumer = 'tests.money' ORDER BY id") == [
        ("lamp",),
        ("chair",),
    ]


@pytest.mark.parametrize(("commits", "owed"), [(True, 0), (False, 1)])
def test_two_who_owe_the_same_at_once_owe_it_once(
    monkeypatch: pytest.MonkeyPatch, *, commits: bool, owed: int
) -> None:
    subscribe(monkeypatch, MONEY)
    with ThreadPoolExecutor(1) as pool:
        with SessionFactory() as first:
            assert len(publish(first, Tried("lamp"))) == 1
            second = pool.submit(owe, "lamp")
            assert not wait([second], timeout=0.3).done
            first.commit() if commits else first.rollback()
        assert len(second.result(timeout=20)) == owed
    assert count("deliveries") == 1


@dataclass(frozen=True, slots=True)
class Mixed(Event):
    """One field of each kind."""

    topic: ClassVar[str] = "tests.mixed"
    order_id: UUID
    at: datetime
    after: timedelta
    amount: int
    note: str | None


def test_ids_and_times_become_json_and_the_first_field_is_the_subject() -> None:
    event = Mixed(UUID(int=7), datetime(2026, 1, 2, tzinfo=UTC), timedelta(minutes=1), 5, None)

    assert event.subject == str(UUID(int=7))
    assert event.payload() == {
        "order_id": str(UUID(int=7)),
        "at": "2026-01-02T00:00:00+00:00",
        "after": 60.0,
        "amount": 5,
        "note": None,
    }
