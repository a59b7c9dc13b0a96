"""Work for tests: an event, those who may be owed work by it, and a look at what is owed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest

from app.events.claims import Claim, claim
from app.events.events import Event
from app.events.models import DeliveryRecord
from app.events.services import Ring, publish
from app.events.subscriptions import _BY_CONSUMER, SUBSCRIPTIONS, Subscription
from app.platform.db import transaction
from tests.database import change

LEASE = timedelta(seconds=30)
PLAIN = Subscription("tests.plain", "default", max_attempts=3)
MONEY = Subscription("tests.money", "critical", None, ("thing",))


@dataclass(frozen=True, slots=True)
class Tried(Event):
    """A fact that only tests know."""

    topic: ClassVar[str] = "tests.tried"
    thing: str


def subscribe(patch: pytest.MonkeyPatch, *subscriptions: Subscription, topic: str = Tried.topic) -> None:
    """Let only these be owed work by a topic, till the patch is undone."""
    patch.setitem(SUBSCRIPTIONS, topic, subscriptions)
    for each in subscriptions:
        patch.setitem(_BY_CONSUMER, each.consumer, each)


def owe(thing: str = "lamp") -> list[Ring]:
    """Publish and commit."""
    with transaction() as session:
        return publish(session, Tried(thing))


def owe_one(thing: str = "lamp") -> int:
    """Publish to one subscriber: the id of its delivery."""
    (ring,) = owe(thing)
    return ring.delivery_id


def take(delivery_id: int, *, consumer: str = PLAIN.consumer, lease: timedelta = LEASE) -> Claim | None:
    """Claim and commit, as a worker does before the work."""
    with transaction() as session:
        return claim(session, delivery_id, consumer=consumer, lease=lease)


def taken(delivery_id: int, *, consumer: str = PLAIN.consumer) -> Claim:
    """The same, for a delivery that is free."""
    held = take(delivery_id, consumer=consumer)
    assert held is not None
    return held


def abandon(delivery_id: int) -> None:
    """Let the lease end of a worker that is gone."""
    change(
        "UPDATE deliveries SET lease_until = now() - interval '1 millisecond' WHERE id = :id", id=delivery_id
    )


def row(delivery_id: int) -> DeliveryRecord:
    """A delivery as it is now."""
    with transaction() as session:
        return session.get_one(DeliveryRecord, delivery_id)
