import os
import signal
import time
from typing import Any

import pytest
import redis
from celery import Celery
from kombu.exceptions import OperationalError

from app.events.models import DeliveryRecord
from app.events.services import Ring, publish
from app.platform import db
from app.platform.db import SessionFactory
from sandbox.valkey import Valkey
from tasks import doorbell
from tasks.doorbell import ENOUGH_WAITING, Doorbell, Room
from tasks.queues import length
from tests.database import count
from tests.events.owed import MONEY, PLAIN, Tried, owe, owe_one, subscribe
from tests.tasks.messages import flush, waiting

RINGS = [Ring("tests.plain", "default", number) for number in range(1, 4)]


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queues of the messages that were tried to be sent."""
    seen: list[str] = []
    real = Room.is_left

    def is_left(room: Room, queue: str) -> bool:
        seen.append(queue)
        return real(room, queue)

    monkeypatch.setattr(Room, "is_left", is_left)
    return seen


def test_a_commit_puts_one_message_with_the_id_alone_into_the_named_queue(
    bell: Doorbell, broker: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(monkeypatch, PLAIN, MONEY)

    plain, money = owe()

    assert waiting(broker, "default") == [("tests.plain", [[plain.delivery_id], {}])]
    assert waiting(broker, "critical") == [("tests.money", [[money.delivery_id], {}])]
    with redis.Redis.from_url(broker.url) as client:
        assert {key.partition(b":")[0] for key in client.scan_iter()} == {b"backroom"}


def test_before_the_commit_nothing_is_rung_and_after_a_rollback_neither(
    bell: Doorbell, broker: Valkey
) -> None:
    with SessionFactory() as session:
        publish(session, Tried("lamp"))
        assert waiting(broker, "default") == []
        session.rollback()

    assert waiting(broker, "default") == []


def test_it_rings_when_others_can_see_the_work(
    bell: Doorbell, celery: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[DeliveryRecord | None] = []

    def look(_: str, *, args: tuple[int], **__: Any) -> None:
        with SessionFactory() as another:
            seen.append(another.get(DeliveryRecord, args[0]))

    monkeypatch.setattr(celery, "send_task", look)

    (ring,) = owe()

    assert [each and each.id for each in seen] == [ring.delivery_id]


def test_a_flushed_broker_takes_messages_again_at_once(bell: Doorbell, broker: Valkey) -> None:
    owe()
    flush(broker)

    owe()

    assert len(waiting(broker, "default")) == 1


def test_while_the_broker_is_down_one_try_is_made_and_the_work_is_safe(
    bell: Doorbell, broker: Valkey, tries: list[str]
) -> None:
    broker.kill()
    began = time.monotonic()

    for _ in range(5):
        owe()

    assert len(tries) == 1
    assert time.monotonic() - began < doorbell.BREAK_SECONDS
    assert count("deliveries") == 5


def test_after_the_first_failure_the_rest_is_left_to_the_relay(
    bell: Doorbell, broker: Valkey, tries: list[str]
) -> None:
    broker.kill()

    assert bell.ring(RINGS) == 0

    assert tries == ["default"]


def test_when_the_pause_is_over_one_try_finds_the_broker_again(
    bell: Doorbell, celery: Celery, broker: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorbell, "BREAK_SECONDS", 0.0)
    hasty = Doorbell(celery, budget_seconds=1)
    broker.kill()
    assert hasty.ring(RINGS) == 0

    broker.start()

    assert hasty.ring(RINGS) == 3
    assert length(celery, "default") == 3


@pytest.mark.parametrize("known", [True, False], ids=["connected", "never connected"])
def test_a_broker_that_hangs_holds_up_a_commit_only_shortly(
    bell: Doorbell, broker: Valkey, tries: list[str], *, known: bool
) -> None:
    if known:
        owe()
    before = len(tries)
    assert broker.pid is not None
    os.kill(broker.pid, signal.SIGSTOP)
    began = time.monotonic()
    try:
        for _ in range(3):
            owe()
        took = time.monotonic() - began
    finally:
        os.kill(broker.pid, signal.SIGCONT)

    assert took < doorbell.BREAK_SECONDS
    assert len(tries) == before + 1


def test_a_full_broker_costs_no_commit(bell: Doorbell, broker: Valkey) -> None:
    with redis.Redis.from_url(broker.url) as client:
        client.config_set("maxmemory", "1")

    owe_one()

    assert count("deliveries") == 1
    assert waiting(broker, "default") == []


def test_when_its_time_is_up_it_stops(celery: Celery, broker: Valkey, tries: list[str]) -> None:
    late = Doorbell(celery, budget_seconds=-1)

    assert late.ring(RINGS) == 0

    assert tries == []


def test_a_commit_that_published_nothing_does_not_ask_for_the_broker(
    bell: Doorbell, tries: list[str]
) -> None:
    with db.transaction():
        pass

    assert tries == []


def test_how_much_waits_in_a_queue(bell: Doorbell, celery: Celery, broker: Valkey) -> None:
    assert length(celery, "default") == 0

    owe()
    owe()

    assert (length(celery, "default"), length(celery, "bulk")) == (2, 0)
    with pytest.raises(KeyError):
        length(celery, "defualt")
    broker.kill()
    with pytest.raises(OperationalError):
        length(celery, "default")


def test_where_enough_messages_wait_no_more_are_sent_for_work_that_is_found_with_theirs(
    bell: Doorbell, broker: Valkey
) -> None:
    many = [Ring("tests.plain", "default", number) for number in range(1, ENOUGH_WAITING + 3)]
    others = [Ring("tests.money", "critical", 99)]
    tried = [Ring("tests.plain", "default", 98, fresh=False)]

    assert bell.ring([*many, *others, *tried]) == ENOUGH_WAITING + 2
    assert bell.ring(many[-1:]) == 0

    assert [args for _, [args, _] in waiting(broker, "default")] == [
        *([each.delivery_id] for each in many[:ENOUGH_WAITING]),
        [98],
    ]
    assert len(waiting(broker, "critical")) == 1
    flush(broker)
    assert bell.ring(many[-1:]) == 1
