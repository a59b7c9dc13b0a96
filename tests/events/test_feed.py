import pytest
from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from app.events import feed
from app.events.feed import START, Position
from app.events.services import publish
from app.platform.db import SessionFactory
from tests.events.owed import Tried, owe
from tests.log import let_log_settle

pytestmark = pytest.mark.usefixtures("plain")


def things(session: Session, position: Position, limit: int = 10) -> list[str]:
    return [fact.payload["thing"] for fact in feed.after(session, position, limit=limit).facts]


def test_nobody_is_told_what_an_older_transaction_may_still_come_before(session: Session) -> None:
    with SessionFactory() as older:
        publish(older, Tried("first"))
        owe("second")
        page = feed.after(session, START, limit=10)
        older.commit()
    let_log_settle()

    assert (page.facts, page.is_last) == ([], True)
    assert things(session, page.reached) == ["first", "second"]


def test_pages_join_and_the_end_is_where_the_next_fact_will_be(session: Session) -> None:
    for thing in ("a", "b", "c"):
        owe(thing)
    let_log_settle()

    first = feed.after(session, START, limit=2)
    rest = feed.after(session, first.reached, limit=2)
    end = feed.end(session)
    owe("d")
    let_log_settle()

    assert [len(first.facts), len(rest.facts), first.is_last, rest.is_last] == [2, 1, False, True]
    assert first.reached < rest.reached <= end
    assert things(session, end) == ["d"]


def test_a_reader_of_some_subjects_and_topics_gets_these_alone(session: Session) -> None:
    owe("lamp")
    owe("chair")
    let_log_settle()

    lamps = feed.about(session, select(literal("lamp")), position=START, limit=9)
    none = feed.about(session, select(literal("lamp")), position=START, limit=9, topics=["orders.paid"])

    assert [fact.subject for fact in lamps.facts] == ["lamp"]
    assert none.facts == []
    assert START < lamps.reached <= none.reached <= feed.end(session)


def test_a_position_is_read_as_it_was_written() -> None:
    assert Position.read(str(Position(7, 12))) == Position(7, 12)
    assert Position.read(f"{2**64 - 1}-{2**63 - 1}") == Position(2**64 - 1, 2**63 - 1)


@pytest.mark.parametrize(
    "words", ["", "7", "7-", "-7", "7-8-9", "a-b", "٧-٧", f"{2**64}-1", f"1-{2**63}", "9" * 5000 + "-1"]
)
def test_what_is_no_position_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"a position is|no numbers of that size"):
        Position.read(words)
