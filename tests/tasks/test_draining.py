"""One message, and all that waits in its queue."""

import time
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.events.claims import Claim, Delivery
from app.events.subscriptions import _BY_CONSUMER
from app.events.waiting import BACKLOG
from app.platform.db import transaction
from tasks import base, draining
from tests.database import change, rows
from tests.events.owed import MONEY, PLAIN, owe_one, row, subscribe, take
from tests.tasks.test_consumers import Registry

STATES = "SELECT state, attempts, failures FROM deliveries ORDER BY id"
DONE, WAITS = ("done", 1, 0), ("pending", 0, 0)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A worker's child, which knows no work but the test's."""
    known = Registry()
    monkeypatch.setattr(base, "app", known)
    monkeypatch.setattr(draining, "_known", {})
    monkeypatch.setattr(draining, "_drainers", [])
    draining.start()
    return known


@pytest.fixture
def did(registry: Registry) -> list[int]:
    """The deliveries of a plain consumer in the order in which they were begun."""
    begun: list[int] = []

    @base.consumer(PLAIN.consumer)
    def note(session: Session, delivery: Delivery) -> None:
        begun.append(delivery.id)
        if delivery.payload["thing"] == "broken":
            raise ZeroDivisionError

    return begun


def owe_many(count: int) -> list[int]:
    return [owe_one(f"lamp {number}") for number in range(count)]


def test_a_backlog_is_done_by_the_first_message_the_oldest_first(did: list[int], registry: Registry) -> None:
    ids = owe_many(BACKLOG + 3)

    registry.tasks[PLAIN.consumer](ids[1])

    assert did == [ids[1], ids[0], *ids[2:]]
    assert rows(STATES) == [DONE] * len(ids)


def test_each_message_does_its_own_work_where_little_waits(did: list[int], registry: Registry) -> None:
    ids = owe_many(BACKLOG + 1)

    registry.tasks[PLAIN.consumer](ids[0])

    assert did == ids[:1]
    assert rows(STATES) == [DONE, *[WAITS] * BACKLOG]


def test_a_message_that_finds_its_work_done_looks_for_more(did: list[int], registry: Registry) -> None:
    first, second = owe_many(2)
    registry.tasks[PLAIN.consumer](first)

    registry.tasks[PLAIN.consumer](first)

    assert did == [first, second]


def test_what_fails_keeps_nothing_else_from_being_done(did: list[int], registry: Registry) -> None:
    ids = [*owe_many(3), owe_one("broken"), *owe_many(3)]

    registry.tasks[PLAIN.consumer](ids[0])

    assert did == ids
    assert rows(STATES) == [DONE] * 3 + [("pending", 1, 1)] + [DONE] * 3


def test_what_was_tried_before_is_left_to_a_message_of_its_own(did: list[int], registry: Registry) -> None:
    ids = owe_many(BACKLOG + 3)
    change("UPDATE deliveries SET attempts = 1 WHERE id = :id", id=ids[2])

    registry.tasks[PLAIN.consumer](ids[0])

    assert did == [each for each in ids if each != ids[2]]


def test_what_is_not_due_or_in_another_queue_waits(
    did: list[int], registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = owe_many(BACKLOG + 3)
    change("UPDATE deliveries SET run_after = now() + interval '1 minute' WHERE id = :id", id=ids[-1])
    subscribe(monkeypatch, MONEY)
    other = owe_one("money")
    base.consumer(MONEY.consumer)(lambda session, delivery: did.append(delivery.id))

    registry.tasks[PLAIN.consumer](ids[0])

    assert did == ids[:-1]
    assert row(other).state == "pending"


def test_a_worker_that_is_killed_has_begun_nothing_of_what_calls_outside_but_one(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[list[tuple[str]]] = []

    @base.workflow(PLAIN.consumer)
    def look(claim: Claim, delivery: Delivery) -> None:
        running.append(rows("SELECT state FROM deliveries WHERE state = 'running'"))
        with transaction() as session:
            claim.finish(session)

    ids = owe_many(BACKLOG + 2)

    registry.tasks[PLAIN.consumer](ids[0])

    assert running == [[("running",)]] * len(ids)


def test_work_that_may_take_longer_than_the_message_is_left_to_its_own(
    did: list[int], registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = owe_many(BACKLOG + 2)
    monkeypatch.setitem(draining._known, PLAIN.consumer, draining.Work(lambda _: None, 60, quick=True))
    monkeypatch.setitem(draining._known, "tests.short", draining.Work(lambda _: None, 20, quick=True))
    subscribe(monkeypatch, PLAIN)
    monkeypatch.setitem(_BY_CONSUMER, "tests.short", PLAIN)

    draining.drain(
        "tests.short",
        timedelta(seconds=30),
        lambda held, work: did.append(held.delivery.id),
        began=time.monotonic(),
    )

    assert did == []
    assert rows(STATES) == [WAITS] * len(ids)


def test_when_time_is_up_what_was_claimed_is_others_again(
    did: list[int], registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = owe_many(3)
    monkeypatch.setattr("tasks.draining.monotonic", lambda: 9.0 * len(did))

    def do(held: Claim, _: draining.Work) -> None:
        did.append(held.delivery.id)
        with transaction() as session:
            held.finish(session)

    draining.drain(PLAIN.consumer, timedelta(seconds=30), do, began=0.0)

    assert did == ids[:1]
    assert rows(STATES) == [DONE, ("pending", 1, 0), ("pending", 1, 0)]
    assert take(ids[1]) is not None


def test_a_message_whose_own_work_took_long_takes_nothing_along(
    did: list[int], registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = owe_many(BACKLOG + 3)
    monkeypatch.setattr("tasks.draining.monotonic", lambda: time.monotonic() + draining.DRAIN_SECONDS)

    registry.tasks[PLAIN.consumer](ids[0])

    assert did == ids[:1]


def test_outside_of_a_workers_child_a_message_does_its_own_work_alone(
    did: list[int], registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "_drainers", [])
    ids = owe_many(BACKLOG + 3)

    registry.tasks[PLAIN.consumer](ids[0])

    assert did == ids[:1]
