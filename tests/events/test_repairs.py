from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.events import repairs
from app.events.claims import ClaimLost
from app.events.errors import IllegalWorkMove
from app.events.services import take_rings
from app.platform import context
from app.platform.db import SessionFactory, transaction
from app.platform.errors import NotFound
from tests.database import change, count, lock_waiters, rows
from tests.events.owed import PLAIN, abandon, owe_one, row, take, taken
from tests.threads import at_once
from tests.waiting import wait

NOW = timedelta(0)
DROPPED = "state = 'dead', dropped_at = now(), dropped_by = 'x', drop_reason = 'y'"


def dead(thing: str = "lamp") -> int:
    """Work that was given up after two failures."""
    delivery_id = owe_one(thing)
    for permanent in (False, True):
        with transaction() as session:
            taken(delivery_id).give_back(session, error="no luck", base=NOW, permanent=permanent)
    return delivery_id


def retry(delivery_id: int) -> str:
    """Have it tried again: the word for what came of it."""
    try:
        with transaction() as session:
            repairs.try_again(session, delivery_id)
    except IllegalWorkMove as refusal:
        return str(refusal.extra["work_state"])
    return "retried"


def drop(delivery_id: int, reason: str = "by hand") -> str:
    try:
        with transaction() as session:
            repairs.drop(session, delivery_id, reason=reason)
    except IllegalWorkMove as refusal:
        return str(refusal.extra["work_state"])
    return "done away with"


def acts() -> list[tuple[object, ...]]:
    """What was done about work: topic, what about, and by whom."""
    return rows("SELECT topic, subject, actor FROM events WHERE topic LIKE 'events.%' ORDER BY sequence")


def test_dead_work_is_tried_again_as_if_it_had_never_failed() -> None:
    delivery_id = dead()
    context.begin(actor="user:1")

    with transaction() as session:
        repairs.try_again(session, delivery_id)
        (ring,) = take_rings(session)

    again = row(delivery_id)
    assert (again.state, again.failures, again.attempts, again.token) == ("pending", 0, 0, 2)
    assert ring.delivery_id == delivery_id
    assert acts() == [("events.work_retried", "lamp", "user:1")]
    assert taken(delivery_id).token == 3


def test_the_attempts_before_stay_with_it() -> None:
    delivery_id = dead()

    retry(delivery_id)
    taken(delivery_id)

    assert rows("SELECT token, number, outcome FROM delivery_attempts ORDER BY token") == [
        (1, 1, "failed"),
        (2, 2, "failed"),
        (3, 1, None),
    ]


def test_work_that_waits_for_its_backoff_is_due_at_once() -> None:
    delivery_id = owe_one()
    change("UPDATE deliveries SET failures = 2, run_after = now() + interval '9 minutes'")

    assert retry(delivery_id) == "retried"

    assert take(delivery_id) is not None


def test_what_is_done_or_under_way_is_refused() -> None:
    held = taken(owe_one())
    before = rows("SELECT * FROM deliveries")
    assert (retry(held.delivery.id), drop(held.delivery.id)) == ("running", "running")
    assert rows("SELECT * FROM deliveries") == before

    with transaction() as session:
        held.finish(session)
    assert (retry(held.delivery.id), drop(held.delivery.id)) == ("done", "done")
    assert acts() == []


@pytest.mark.parametrize("act", [retry, drop])
def test_there_is_no_such_work(act: object) -> None:
    assert callable(act)
    with pytest.raises(NotFound):
        act(7)


def test_a_worker_that_is_gone_is_no_reason_to_wait_and_cannot_come_back() -> None:
    frozen = taken(owe_one())
    abandon(frozen.delivery.id)

    assert retry(frozen.delivery.id) == "retried"

    with pytest.raises(ClaimLost), transaction() as session:
        frozen.finish(session)
    taken(frozen.delivery.id)
    outcomes = rows("SELECT outcome FROM delivery_attempts ORDER BY token")
    assert outcomes == [("no_answer",), (None,)]


def test_dropped_work_stays_to_be_seen_with_who_and_why_and_nobody_takes_it() -> None:
    delivery_id = owe_one()
    context.begin(actor="user:1")

    assert drop(delivery_id, "the buyer called") == "done away with"

    found = row(delivery_id)
    assert (found.state, found.dropped_by, found.drop_reason) == ("dead", "user:1", "the buyer called")
    assert take(delivery_id) is None
    assert acts() == [("events.work_dropped", "lamp", "user:1")]
    assert "the buyer called" not in str(rows("SELECT * FROM events"))
    assert drop(delivery_id) == "dropped"


def test_who_changes_their_mind_has_dropped_work_tried_again() -> None:
    delivery_id = dead()
    drop(delivery_id)

    assert retry(delivery_id) == "retried"

    found = row(delivery_id)
    assert (found.state, found.dropped_at, found.dropped_by, found.drop_reason) == (
        "pending",
        None,
        None,
        None,
    )


def test_all_dead_work_of_a_consumer_is_tried_again_a_batch_at_a_time() -> None:
    first, dropped, second, third = (dead(thing) for thing in ("a", "b", "c", "d"))
    drop(dropped)
    other = dead("e")
    change("UPDATE deliveries SET consumer = 'tests.other' WHERE id = :id", id=other)

    with transaction() as session:
        batch = repairs.try_dead_again(session, consumer=PLAIN.consumer, limit=2)

    assert sorted(batch) == [first, second]
    assert [row(each).state for each in (third, other, dropped)] == ["dead"] * 3
    assert len(acts()) == 3


def test_of_many_who_retry_at_once_all_are_content_and_it_is_done_once() -> None:
    delivery_id = dead()

    assert at_once(lambda _: retry(delivery_id)) == ["retried"] * 6

    assert count("deliveries") == 1
    taken(delivery_id)
    assert take(delivery_id) is None


def test_of_a_retry_and_a_worker_at_once_one_comes_first() -> None:
    for _ in range(5):
        delivery_id = owe_one()

        def race(number: int, delivery_id: int = delivery_id) -> object:
            return retry(delivery_id) if number % 2 else take(delivery_id)

        found = at_once(race)

        claims = [each for each in found[::2] if each]
        assert len(claims) <= 1
        assert set(found[1::2]) <= ({"retried", "running"} if claims else {"retried"})
        assert row(delivery_id).state == ("running" if claims else "pending")


def test_a_retry_waits_for_the_worker_that_is_about_to_finish() -> None:
    held = taken(owe_one())
    abandon(held.delivery.id)
    with ThreadPoolExecutor(1) as pool:
        with SessionFactory() as working:
            held.finish(working)
            asked = pool.submit(retry, held.delivery.id)
            wait(lambda: lock_waiters() == 1)
            working.commit()

        assert asked.result() == "done"
    assert rows("SELECT state FROM deliveries") == [("done",)]


def test_the_database_knows_no_drop_without_a_reason() -> None:
    delivery_id = owe_one()
    for wrong in ("dropped_at = now()", DROPPED.replace("'dead'", "'pending'")):
        with pytest.raises(Exception, match="dropped"), transaction() as session:
            session.execute(text(f"UPDATE deliveries SET {wrong}"))  # noqa: S608  # the two above

    assert row(delivery_id).dropped_at is None
