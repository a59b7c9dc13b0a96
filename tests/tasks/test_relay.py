from collections.abc import Callable
from dataclasses import replace

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from app.platform import settings as installed
from config import Settings
from sandbox.valkey import Valkey
from tasks import events
from tasks.doorbell import ENOUGH_WAITING, Doorbell
from tests.database import change, count, rows
from tests.events.owed import MONEY, PLAIN, owe, subscribe, taken
from tests.tasks.messages import flush, waiting

Relay = Callable[[], None]


@pytest.fixture
def relay(bell: Doorbell, celery: Celery, monkeypatch: pytest.MonkeyPatch) -> Relay:
    """The relay's task, on the broker of the test."""
    monkeypatch.setattr(events, "app", celery)
    return events.relay


def time_passes() -> None:
    """Everything that was rung was rung long ago."""
    change("UPDATE deliveries SET ring_after = now() - interval '1 second'")


def test_what_a_flush_took_away_is_rung_again(
    relay: Relay, broker: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(monkeypatch, PLAIN, MONEY)
    plain, money = owe()
    flush(broker)
    time_passes()

    relay()

    assert waiting(broker, "default") == [("tests.plain", [[plain.delivery_id], {}])]
    assert waiting(broker, "critical") == [("tests.money", [[money.delivery_id], {}])]


def test_what_was_rung_a_moment_ago_is_not_rung_again(relay: Relay, broker: Valkey) -> None:
    owe()
    time_passes()
    relay()

    relay()

    assert len(waiting(broker, "default")) == 2


def test_what_somebody_does_is_not_rung(relay: Relay, broker: Valkey) -> None:
    (ring,) = owe()
    taken(ring.delivery_id)
    flush(broker)
    time_passes()

    relay()

    assert waiting(broker, "default") == []


def test_a_queue_is_never_filled_beyond_what_may_wait(
    relay: Relay, broker: Valkey, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed, "_installed", [replace(settings, ring_ahead=3)])
    for _ in range(5):
        owe()
    flush(broker)
    owe()
    time_passes()

    for _ in range(3):
        relay()
        time_passes()

    assert len(waiting(broker, "default")) == 3


def test_what_it_rings_is_rung_however_many_messages_wait_that_take_nothing_along(
    relay: Relay, broker: Valkey, celery: Celery
) -> None:
    for _ in range(ENOUGH_WAITING):
        celery.send_task("webhooks.feed", queue="default")
    (ring,) = owe()
    time_passes()

    relay()

    *ticks, bell = waiting(broker, "default")
    assert ticks == [("webhooks.feed", [[], {}])] * ENOUGH_WAITING
    assert bell == ("tests.plain", [[ring.delivery_id], {}])


def test_it_says_when_it_last_did_its_work(relay: Relay) -> None:
    relay()

    assert rows("SELECT name FROM scheduled_jobs") == [("events.relay",)]


def test_without_a_broker_it_fails_and_spares_the_rows_for_later(relay: Relay, broker: Valkey) -> None:
    owe()
    time_passes()
    before = rows("SELECT * FROM deliveries")
    broker.kill()

    with pytest.raises(OperationalError):
        relay()

    assert rows("SELECT * FROM deliveries") == before
    assert count("scheduled_jobs") == 0
