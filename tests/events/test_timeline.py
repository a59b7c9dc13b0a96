from typing import ClassVar
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.events.events import Event
from app.events.queries import TITLES, timeline
from app.events.services import publish
from app.events.subscriptions import SUBSCRIPTIONS
from app.platform.db import SessionFactory, transaction
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


def topics(session: Session, *, after: int = 0, limit: int = 10) -> list[str]:
    found = timeline(session, "lamp", after=after, limit=limit)
    return [fact.topic for fact in found.items]


def test_a_buyer_sees_what_has_words_for_buyers(session: Session) -> None:
    assert topics(session) == ["orders.placed", "orders.paid", "notifications.sent"]
    facts = timeline(session, "lamp", after=0, limit=10).items
    assert [fact.title for fact in facts] == ["Order received", "Payment received", "Email sent"]


def test_its_pages_follow_each_other(session: Session) -> None:
    first = timeline(session, "lamp", after=0, limit=2)
    cursor = read_cursor(first.next_cursor, int)
    assert cursor is not None

    second = timeline(session, "lamp", after=cursor[0], limit=2)

    assert [fact.topic for fact in first.items] == ["orders.placed", "orders.paid"]
    assert [fact.topic for fact in second.items] == ["notifications.sent"]
    assert second.next_cursor is None
    assert all(fact.at.tzinfo for fact in first.items)


def happen(topic: str) -> None:
    with transaction() as session:
        publish(session, _of(topic))


def test_a_fact_that_commits_late_is_not_behind_the_cursor(session: Session) -> None:
    """A mail's fact has drawn its sequence; a payment's, which comes later, is committed before it."""
    with SessionFactory() as late:
        publish(late, _of("notifications.sent"))
        happen("orders.paid")
        happen("orders.paid")
        page = timeline(session, "lamp", after=0, limit=4)
        late.commit()
    cursor = read_cursor(page.next_cursor, int)
    assert cursor is not None

    rest = timeline(session, "lamp", after=cursor[0], limit=4)

    assert [fact.topic for fact in page.items] == ["orders.placed", "orders.paid", "notifications.sent"]
    assert [fact.topic for fact in rest.items] == ["notifications.sent", "orders.paid", "orders.paid"]


def test_who_is_told_of_nothing_settled_reads_on_from_the_same_place(session: Session) -> None:
    with SessionFactory() as late:
        publish(late, _of("notifications.sent"))
        happen("orders.paid")
        happen("orders.paid")
        page = timeline(session, "lamp", after=5, limit=1)

    assert [fact.topic for fact in page.items] == ["orders.paid"]
    assert read_cursor(page.next_cursor, int) == (5,)


def test_transactions_of_other_programs_hold_up_nobody(session: Session) -> None:
    with SessionFactory() as backup:
        backup.execute(text("SET application_name = 'pg_dump'"))
        happen("orders.paid")
        page = timeline(session, "lamp", after=5, limit=1)

    assert page.next_cursor is None
    assert [fact.topic for fact in page.items] == ["orders.paid"]


def test_nothing_has_happened_to_a_stranger(session: Session) -> None:
    assert timeline(session, str(UUID(int=0)), after=0, limit=3).items == []


def test_buyers_words_are_for_facts_that_can_happen() -> None:
    assert TITLES.keys() <= SUBSCRIPTIONS.keys()
