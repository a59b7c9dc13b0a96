from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.events.claims import Claim, ClaimLost, claim
from app.events.postponing import postpone
from app.events.services import publish, take_rings
from app.platform.db import transaction
from tests.database import count, rows
from tests.events.owed import LEASE, PLAIN, Tried, abandon, owe_one, row, take, taken

SECOND = timedelta(seconds=1)


@pytest.fixture
def stale() -> Claim:
    """The claim of a worker that was frozen until another took over."""
    old = taken(owe_one())
    abandon(old.delivery.id)
    taken(old.delivery.id)
    return old


def everything() -> list[tuple[object, ...]]:
    return rows("SELECT * FROM deliveries ORDER BY id")


@pytest.mark.parametrize("method", ["check", "finish"])
def test_an_old_token_commits_nothing(stale: Claim, method: str) -> None:
    before = everything()

    def work() -> None:
        with transaction() as session:
            publish(session, Tried("chair"))
            getattr(stale, method)(session)

    with pytest.raises(ClaimLost):
        work()

    assert everything() == before
    assert count("events") == 1


@pytest.mark.parametrize(
    "attempt",
    [
        lambda old, session: old.renew(session, LEASE),
        lambda old, session: old.give_back(session, error="late", base=SECOND),
        lambda old, session: old.give_back(session, error="late", base=SECOND, permanent=True),
        lambda old, session: old.hand_over(session),
        lambda old, session: postpone(session, old, SECOND, called=True),
        lambda old, session: postpone(session, old, SECOND, called=False),
    ],
    ids=["renew", "give back", "declare dead", "hand over", "postpone", "leave untried"],
)
def test_an_old_token_changes_nothing(stale: Claim, attempt: Callable[[Claim, Session], object]) -> None:
    before = everything()

    with transaction() as session:
        assert not attempt(stale, session)
        assert not take_rings(session)

    assert everything() == before


def test_done_is_done_once() -> None:
    held = taken(owe_one())
    with transaction() as session:
        held.finish(session)

    with transaction() as session, pytest.raises(ClaimLost):
        held.finish(session)

    done = row(held.delivery.id)
    assert (done.state, done.lease_until, done.last_error, done.attempts) == ("done", None, None, 1)
    assert done.done_at is not None
    assert take(held.delivery.id) is None


def test_done_is_undone_with_the_effect_that_failed() -> None:
    held = taken(owe_one())

    def fail() -> None:
        with transaction() as session:
            held.finish(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert row(held.delivery.id).state == "running"


def test_nobody_takes_over_while_a_checked_transaction_is_open() -> None:
    held = taken(owe_one())
    abandon(held.delivery.id)

    with transaction() as session:
        held.check(session)
        assert take(held.delivery.id) is None
        held.finish(session)

    assert (row(held.delivery.id).state, row(held.delivery.id).token) == ("done", 1)


def test_who_checks_while_another_takes_over_waits_and_loses() -> None:
    held = taken(owe_one())
    abandon(held.delivery.id)

    def check() -> None:
        with transaction() as session:
            held.check(session)

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            assert claim(session, held.delivery.id, consumer=PLAIN.consumer, lease=LEASE)
            checking = pool.submit(check)
            assert not wait([checking], timeout=0.3).done
        with pytest.raises(ClaimLost):
            checking.result(timeout=20)


def test_a_renewed_lease_keeps_others_out() -> None:
    held = taken(owe_one())
    abandon(held.delivery.id)

    with transaction() as session:
        assert held.renew(session, timedelta(minutes=5))

    assert take(held.delivery.id) is None
    assert rows("SELECT lease_until - now() > interval '4 minutes', token, attempts FROM deliveries") == [
        (True, 1, 1)
    ]


def test_a_heartbeat_does_not_wait_for_the_works_own_transaction() -> None:
    held = taken(owe_one())

    with transaction() as work:
        held.check(work)
        with transaction() as beat:
            assert not held.renew(beat, LEASE)


def test_a_delivery_that_is_handed_over_is_free_at_once_and_no_failure() -> None:
    held = taken(owe_one())

    with transaction() as session:
        held.hand_over(session)
        (ring,) = take_rings(session)

    assert (ring.delivery_id, ring.consumer, ring.queue) == (held.delivery.id, "tests.plain", "default")
    given = row(held.delivery.id)
    assert (given.state, given.failures, given.lease_until) == ("pending", 0, None)
    assert taken(held.delivery.id).token == 2


@pytest.mark.parametrize("called", [True, False])
def test_a_delivery_that_is_postponed_was_not_tried_and_is_due_after_the_pause(*, called: bool) -> None:
    held = taken(owe_one())

    with transaction() as session:
        postpone(session, held, timedelta(minutes=9), called=called)
        assert not take_rings(session)

    given = row(held.delivery.id)
    assert (given.state, given.attempts, given.failures, given.lease_until) == ("pending", 0, 0, None)
    assert given.run_after == given.ring_after
    assert timedelta(minutes=8) < given.run_after - given.created_at < timedelta(minutes=10)
    assert take(held.delivery.id) is None
    assert rows("SELECT outcome FROM delivery_attempts") == [("handed_over",)] * called
