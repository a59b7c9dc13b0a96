from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.events.claims import Claim
from app.platform.db import transaction
from sandbox.ready import wait_until
from tasks import heartbeat
from tests.database import rows
from tests.events.owed import PLAIN, owe_one, take

LEASE = timedelta(seconds=1)


@pytest.fixture(scope="module", autouse=True)
def beating(app: Flask) -> None:
    """The thread that a pool child starts; it ends with the process."""
    heartbeat.start(LEASE)


@pytest.fixture
def held() -> Claim:
    """A delivery that is taken for a second."""
    claim = take(owe_one(), lease=LEASE)
    assert claim is not None
    return claim


def first_lease() -> Any:
    ((until,),) = rows("SELECT lease_until FROM deliveries")
    return until


def over(moment: Any) -> bool:
    """Whether the database's clock is past this moment."""
    return rows("SELECT now() > :moment", moment=moment) == [(True,)]


def wait_for(condition: Any) -> None:
    wait_until(condition, within=20, failure="it did not happen")


def test_long_work_keeps_its_claim(held: Claim) -> None:
    until = first_lease()

    with heartbeat.watched(held, lease=LEASE, time_limit=60):
        wait_for(lambda: over(until))
        assert take(held.delivery.id) is None

    with transaction() as session:
        held.finish(session)


def test_work_past_its_limit_is_given_up(held: Claim) -> None:
    with heartbeat.watched(held, lease=LEASE, time_limit=1):
        wait_for(lambda: take(held.delivery.id) is not None)


def test_what_is_over_is_watched_no_more(held: Claim) -> None:
    with heartbeat.watched(held, lease=LEASE, time_limit=60):
        assert [each.claim for each in heartbeat._watched.values()] == [held]
    assert heartbeat._watched == {}

    wait_for(lambda: take(held.delivery.id, consumer=PLAIN.consumer) is not None)


def test_a_beat_that_fails_is_followed_by_another(held: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[bool] = []

    def away() -> Any:
        failed.append(True)
        if len(failed) == 1:
            raise OSError("the database is away")
        return transaction()

    monkeypatch.setattr(heartbeat, "transaction", away)
    until = first_lease()

    with heartbeat.watched(held, lease=LEASE, time_limit=60):
        wait_for(lambda: over(until))
        assert take(held.delivery.id) is None
    assert failed
