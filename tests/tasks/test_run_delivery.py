from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.events.claims import Claim, ClaimLost, Delivery
from app.events.services import publish
from app.platform import context
from app.platform.db import transaction
from app.platform.errors import Permanent
from tasks.base import run_delivery
from tests.database import change, rows
from tests.events.owed import PLAIN, Tried, abandon, owe_one, row, taken

Work = Callable[[Session, Delivery], None]


def leave_trace(session: Session, delivery: Delivery) -> None:
    """An effect that can be counted: a further event, with no subscriber that matters."""
    publish(session, Tried(f"trace of {delivery.payload['thing']}"))


def run(delivery_id: int, work: Work = leave_trace) -> None:
    """Do a delivery as the task of a consumer does it."""

    def in_one_transaction(held: Claim) -> None:
        with transaction() as session:
            work(session, held.delivery)
            held.finish(session)

    run_delivery(PLAIN.consumer, delivery_id, in_one_transaction, 20)


def traces() -> int:
    ((number,),) = rows("SELECT count(*) FROM events WHERE subject = 'trace of lamp'")
    return int(number)


def test_the_effect_and_done_commit_together_and_once() -> None:
    delivery_id = owe_one()

    for _ in range(3):
        run(delivery_id)

    assert (row(delivery_id).state, row(delivery_id).attempts, traces()) == ("done", 1, 1)


def test_what_fails_leaves_no_effect_and_is_tried_again() -> None:
    def fail(session: Session, delivery: Delivery) -> None:
        leave_trace(session, delivery)
        raise ZeroDivisionError("by nothing")

    delivery_id = owe_one()
    run(delivery_id, fail)

    failed = row(delivery_id)
    assert (failed.state, failed.failures, failed.last_error) == (
        "pending",
        1,
        "ZeroDivisionError: by nothing",
    )
    assert traces() == 0

    change("UPDATE deliveries SET run_after = now()")
    run(delivery_id)
    assert (row(delivery_id).state, row(delivery_id).last_error, traces()) == ("done", None, 1)


def test_what_no_repetition_heals_waits_for_an_operator() -> None:
    def fail(_: Session, __: Delivery) -> None:
        raise Permanent("no such order")

    delivery_id = owe_one()
    run(delivery_id, fail)

    assert (row(delivery_id).state, row(delivery_id).last_error) == ("dead", "Permanent: no such order")


def test_who_was_overtaken_commits_nothing_and_counts_no_failure() -> None:
    def be_overtaken(session: Session, delivery: Delivery) -> None:
        leave_trace(session, delivery)
        abandon(delivery.id)
        taken(delivery.id)

    delivery_id = owe_one()
    run(delivery_id, be_overtaken)

    now = row(delivery_id)
    assert (now.state, now.token, now.attempts, now.failures) == ("running", 2, 2, 0)
    assert traces() == 0


def test_who_is_overtaken_and_then_fails_does_not_disturb_the_other() -> None:
    def be_overtaken(_: Session, delivery: Delivery) -> None:
        abandon(delivery.id)
        taken(delivery.id)
        raise ZeroDivisionError

    delivery_id = owe_one()
    run(delivery_id, be_overtaken)

    assert (row(delivery_id).state, row(delivery_id).failures) == ("running", 0)


def test_a_claim_lost_inside_the_work_is_no_failure() -> None:
    def lose(_: Session, delivery: Delivery) -> None:
        raise ClaimLost(delivery.consumer)

    delivery_id = owe_one()
    run(delivery_id, lose)

    assert (row(delivery_id).state, row(delivery_id).failures) == ("running", 0)


@pytest.mark.parametrize("death", [SystemExit, KeyboardInterrupt])
def test_a_process_that_ends_in_the_middle_leaves_the_work_to_the_next(death: type[BaseException]) -> None:
    def die(session: Session, delivery: Delivery) -> None:
        leave_trace(session, delivery)
        raise death

    delivery_id = owe_one()
    with pytest.raises(death):
        run(delivery_id, die)
    assert (row(delivery_id).state, traces()) == ("running", 0)

    abandon(delivery_id)
    run(delivery_id)
    assert (row(delivery_id).state, row(delivery_id).attempts, traces()) == ("done", 2, 1)


def test_a_connection_that_breaks_in_the_middle_is_a_failure_like_others() -> None:
    def break_off(session: Session, _: Delivery) -> None:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    delivery_id = owe_one()
    run(delivery_id, break_off)

    assert (row(delivery_id).state, row(delivery_id).failures) == ("pending", 1)


def test_an_error_of_the_database_is_noted_without_the_row_that_it_quotes() -> None:
    def repeat(session: Session, _: Delivery) -> None:
        for __ in range(2):
            session.execute(text("INSERT INTO scheduled_jobs VALUES ('canary', now())"))

    delivery_id = owe_one()
    run(delivery_id, repeat)

    noted = row(delivery_id).last_error or ""
    assert noted.startswith("IntegrityError: ")
    assert "canary" not in noted


def test_a_delivery_that_is_not_free_is_not_begun() -> None:
    def never(_: Session, __: Delivery) -> None:
        raise AssertionError("begun")

    delivery_id = owe_one()
    taken(delivery_id)
    before = rows("SELECT * FROM deliveries")

    run(delivery_id, never)
    run(delivery_id + 1, never)

    assert rows("SELECT * FROM deliveries") == before


def test_what_follows_remembers_the_request_that_began_it() -> None:
    context.begin(request_id="r1", trace_context="t1", actor="user:1")
    delivery_id = owe_one()
    context.begin(request_id="another")

    run(delivery_id)

    assert rows("SELECT request_id, trace_context, actor FROM events ORDER BY sequence") == [
        ("r1", "t1", "user:1"),
        ("r1", "t1", "worker"),
    ]
