from typing import ClassVar
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.events.events import Event
from app.events.queries import TITLES, timeline
from app.events.services import publish
from app.events.subscriptions import SUBSCRIPTIONS
from app.platform.db import transaction
from app.platform.pagination import read_cursor
from tests.events.owed import Tried, subscribe

TOPICS = ["orders.placed", "payments.event_received", "orders.paid", "tests.tried", "notifications.sent"]


@pytest.fixture(autouse=True)
def happened(plain: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five facts about the lamp, one about the chair."""
    for topic in TOPICS:
        subscribe(monkeypatch, topic=topic)
        with transaction() as session:
            publish(session, _of(topic))
    with transaction() as session:
        publish(session, Tried("chair"))


def _of(topic_: str) -> Event:
    class Happened(Tried):
        topic: ClassVar[str] = topic_

    return Happened("lamp")


def topics(session: Session, *, whole: bool, after: int = 0, limit: int = 10) -> list[str]:
    found = timeline(session, "lamp", whole=whole, after=after, limit=limit)
    return [fact.topic for fact in found.items]


def test_an_operator_sees_all_that_happened_in_its_order(session: Session) -> None:
    assert topics(session, whole=True) == TOPICS


def test_a_buyer_sees_what_has_words_for_buyers(session: Session) -> None:
    assert topics(session, whole=False) == ["orders.placed", "orders.paid", "notifications.sent"]
    facts = timeline(session, "lamp", whole=False, after=0, limit=10).items
    assert [fact.title for fact in facts] == ["Order received", "Payment received", "Email sent"]


def test_what_has_no_words_for_buyers_is_called_by_its_topic(session: Session) -> None:
    facts = timeline(session, "lamp", whole=True, after=0, limit=10).items

    assert [fact.title for fact in facts if fact.topic not in TITLES] == [
        "payments.event_received",
        "tests.tried",
    ]


def test_its_pages_follow_each_other(session: Session) -> None:
    first = timeline(session, "lamp", whole=True, after=0, limit=3)
    cursor = read_cursor(first.next_cursor, int)
    assert cursor is not None

    second = timeline(session, "lamp", whole=True, after=cursor[0], limit=3)

    assert [fact.topic for fact in [*first.items, *second.items]] == TOPICS
    assert second.next_cursor is None
    assert all(fact.at.tzinfo for fact in first.items)


def test_nothing_has_happened_to_a_stranger(session: Session) -> None:
    assert timeline(session, str(UUID(int=0)), whole=True, after=0, limit=3).items == []


def test_buyers_words_are_for_facts_that_can_happen() -> None:
    assert TITLES.keys() <= SUBSCRIPTIONS.keys()
