from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from app.events.claims import Claim, ClaimLost, claim, publish_claimed
from app.events.services import take_rings
from app.platform import context
from app.platform.db import transaction
from tests.database import change, rows
from tests.events.owed import LEASE, MONEY, PLAIN, Tried, abandon, owe_one, row, subscribe, take, taken
from tests.threads import at_once


def test_a_claim_says_what_the_work_is() -> None:
    context.begin(request_id="r1", trace_context="t1")
    delivery_id = owe_one("lamp")

    held = taken(delivery_id)

    delivery = held.delivery
    assert (delivery.id, delivery.consumer, held.token) == (delivery_id, "tests.plain", 1)
    assert (delivery.topic, delivery.subject, delivery.payload) == ("tests.tried", "lamp", {"thing": "lamp"})
    assert (delivery.attempts, delivery.failures) == (1, 0)
    assert (delivery.request_id, delivery.trace_context) == ("r1", "t1")


def test_a_claim_is_on_the_row_before_the_work() -> None:
    delivery_id = owe_one()
    change("UPDATE deliveries SET rings = 3")

    with transaction() as session:
        assert rows("SELECT 1 FROM deliveries WHERE state = 'running'", session) == []
    taken(delivery_id)

    (found,) = rows(
        "SELECT state, attempts, token, rings, ring_after = lease_until,"
        " lease_until - now() BETWEEN interval '25 s' AND interval '30 s' FROM deliveries"
    )
    assert found == ("running", 1, 1, 0, True, True)


def test_another_consumers_delivery_is_refused() -> None:
    delivery_id = owe_one()

    assert take(delivery_id, consumer="tests.other") is None
    assert (row(delivery_id).state, row(delivery_id).attempts) == ("pending", 0)


def test_nothing_is_taken_before_its_time() -> None:
    delivery_id = owe_one()
    change("UPDATE deliveries SET run_after = now() + interval '5 seconds'")
    assert take(delivery_id) is None

    change("UPDATE deliveries SET run_after = now()")
    assert take(delivery_id) is not None


@pytest.mark.parametrize("over", ["state = 'done', done_at = now()", "state = 'dead'"], ids=["done", "dead"])
def test_what_is_over_is_not_taken(over: str) -> None:
    delivery_id = owe_one()
    change(f"UPDATE deliveries SET {over}")  # noqa: S608  # the two words above

    assert take(delivery_id) is None
    assert take(delivery_id + 1) is None
    assert row(delivery_id).attempts == 0


def test_who_has_it_keeps_it_until_the_lease_ends() -> None:
    delivery_id = owe_one()
    first = taken(delivery_id)
    assert take(delivery_id) is None

    abandon(delivery_id)
    second = taken(delivery_id)

    assert (first.token, second.token, second.delivery.attempts) == (1, 2, 2)
    assert take(delivery_id) is None


@pytest.mark.parametrize("abandoned", [False, True])
def test_of_many_workers_at_once_one_gets_it(*, abandoned: bool) -> None:
    """glenjamin/postgres-skip-locked-surprise: a claim by SKIP LOCKED gave one row to two workers."""
    for _ in range(5):
        delivery_id = owe_one()
        if abandoned:
            taken(delivery_id)
            abandon(delivery_id)

        claims = at_once(partial(_take, delivery_id))

        assert [held.token for held in claims if held] == [2 if abandoned else 1]


def _take(delivery_id: int, _: int) -> Claim | None:
    return take(delivery_id)


def test_who_meets_another_who_is_taking_it_does_not_wait() -> None:
    delivery_id = owe_one()

    with ThreadPoolExecutor(1) as pool, transaction() as session:
        assert claim(session, delivery_id, consumer=PLAIN.consumer, lease=LEASE) is not None
        another = pool.submit(take, delivery_id)
        assert another.result(timeout=10) is None


def test_a_lease_may_be_short() -> None:
    held = take(owe_one(), lease=timedelta(milliseconds=1))

    assert held is not None
    taken(held.delivery.id)


def test_who_publishes_may_do_the_work_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    subscribe(monkeypatch, PLAIN, MONEY)
    with transaction() as session:
        held = publish_claimed(session, Tried("lamp"), consumer="tests.money", lease=LEASE)
        left = list(take_rings(session))

    assert [ring.consumer for ring in left] == ["tests.plain"]
    assert take(held.delivery.id, consumer="tests.money") is None
    with transaction() as session:
        held.finish(session)
    assert row(held.delivery.id).state == "done"


def test_what_is_taken_as_it_is_published_is_a_claim_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    context.begin(request_id="r1", trace_context="t1")
    subscribe(monkeypatch, MONEY, PLAIN)

    with transaction() as session:
        held = publish_claimed(session, Tried("lamp"), consumer="tests.money", lease=LEASE)
    another = taken(held.delivery.id + 1)

    theirs = another.delivery
    assert held.delivery == replace(theirs, id=theirs.id - 1, consumer="tests.money", waited=0.0)
    assert held.token == another.token == 1
    first, second = rows(
        "SELECT state, attempts, token, rings, failures, ring_after = lease_until, worker, number, outcome"
        " FROM deliveries JOIN delivery_attempts USING (token) WHERE delivery_id = id ORDER BY id"
    )
    assert first == second
    assert first[:6] == ("running", 1, 1, 0, 0, True)


def test_who_publishes_what_is_owed_already_has_no_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    subscribe(monkeypatch, MONEY)
    delivery_id = owe_one()

    with pytest.raises(ClaimLost), transaction() as session:
        publish_claimed(session, Tried("lamp"), consumer="tests.money", lease=LEASE)

    assert (row(delivery_id).state, row(delivery_id).attempts) == ("pending", 0)


def test_work_that_a_crash_left_to_others_is_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    subscribe(monkeypatch, MONEY)
    with transaction() as session:
        held = publish_claimed(session, Tried("lamp"), consumer="tests.money", lease=LEASE)

    abandon(held.delivery.id)

    assert taken(held.delivery.id, consumer="tests.money").token == 2
