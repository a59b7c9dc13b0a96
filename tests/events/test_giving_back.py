from datetime import timedelta

import pytest

from app.events.claims import Claim
from app.events.subscriptions import Subscription
from app.platform.db import transaction
from tests.database import change, rows
from tests.events.owed import MONEY, PLAIN, abandon, owe_one, row, subscribe, take, taken

BASE = timedelta(seconds=2)
PATIENT = Subscription("tests.plain", "default", max_attempts=100)
MAIL = Subscription("tests.mail", "email", None)
SAMPLES = 30


def give_back(held: Claim, error: str = "no luck", *, permanent: bool = False) -> str | None:
    with transaction() as session:
        return held.give_back(session, error=error, base=BASE, permanent=permanent)


def fail_after(failures: int, consumer: str, thing: str) -> int:
    """A delivery that failed so often, and then once more."""
    delivery_id = owe_one(thing)
    change("UPDATE deliveries SET failures = :failures WHERE id = :id", failures=failures, id=delivery_id)
    assert give_back(taken(delivery_id, consumer=consumer)) == "pending"
    return delivery_id


@pytest.mark.parametrize(
    ("rule", "failures", "longest"),
    [
        (PATIENT, 0, 4),
        (PATIENT, 3, 32),
        (PATIENT, 20, 3600),
        (PATIENT, 98, 3600),
        (MONEY, 0, 4),
        (MONEY, 20, 600),
        (MAIL, 1000, 600),
    ],
)
def test_the_next_try_comes_after_a_random_part_of_a_growing_pause(
    monkeypatch: pytest.MonkeyPatch, rule: Subscription, failures: int, longest: int
) -> None:
    subscribe(monkeypatch, rule)
    for number in range(SAMPLES):
        fail_after(failures, rule.consumer, str(number))

    found = rows("SELECT EXTRACT(EPOCH FROM run_after - created_at) FROM deliveries")
    pauses = [float(each) for (each,) in found]  # the failure is a moment younger than the delivery
    assert max(pauses) < longest + 1
    assert max(pauses) > longest / 2
    assert min(pauses) < longest / 2
    assert rows("SELECT count(*) FROM deliveries WHERE ring_after <> run_after") == [(0,)]


def test_a_failure_is_noted_on_the_row() -> None:
    delivery_id = owe_one()

    give_back(taken(delivery_id), "x" * 600)

    given = row(delivery_id)
    assert (given.state, given.attempts, given.failures, given.lease_until) == ("pending", 1, 1, None)
    assert given.last_error == "x" * 500


def test_an_error_of_any_text_can_be_noted() -> None:
    delivery_id = owe_one()

    give_back(taken(delivery_id), "nul \x00 and \ud800 half a pair")

    assert row(delivery_id).failures == 1
    assert (row(delivery_id).last_error or "").startswith("nul ")


def failed_until_the_end(delivery_id: int, consumer: str, times: int) -> list[str | None]:
    states = []
    for _ in range(times):
        states.append(give_back(taken(delivery_id, consumer=consumer)))
        change("UPDATE deliveries SET run_after = now()")
    return states


def test_plain_work_that_failed_too_often_is_dead() -> None:
    delivery_id = owe_one()

    assert failed_until_the_end(delivery_id, PLAIN.consumer, 3) == ["pending", "pending", "dead"]

    assert take(delivery_id) is None
    assert (row(delivery_id).failures, row(delivery_id).last_error) == (3, "no luck")


def test_money_never_dies_by_count(monkeypatch: pytest.MonkeyPatch) -> None:
    subscribe(monkeypatch, MONEY)
    delivery_id = owe_one()

    assert failed_until_the_end(delivery_id, MONEY.consumer, 20) == ["pending"] * 20


@pytest.mark.parametrize("rule", [PLAIN, MONEY])
def test_what_no_repetition_heals_is_dead_at_once(
    monkeypatch: pytest.MonkeyPatch, rule: Subscription
) -> None:
    subscribe(monkeypatch, rule)
    delivery_id = owe_one()

    assert give_back(taken(delivery_id, consumer=rule.consumer), permanent=True) == "dead"

    assert take(delivery_id, consumer=rule.consumer) is None


def kill(delivery_id: int, consumer: str, times: int) -> None:
    """Take it and die, so often."""
    for _ in range(times):
        taken(delivery_id, consumer=consumer)
        abandon(delivery_id)


def test_plain_work_that_kills_its_worker_again_and_again_is_dead() -> None:
    delivery_id = owe_one()
    kill(delivery_id, PLAIN.consumer, 3)

    assert take(delivery_id) is None

    assert (row(delivery_id).state, row(delivery_id).last_error) == ("dead", "killed 3 times")


def test_kills_and_failures_are_counted_apart() -> None:
    delivery_id = owe_one()
    kill(delivery_id, PLAIN.consumer, 2)
    assert failed_until_the_end(delivery_id, PLAIN.consumer, 2) == ["pending", "pending"]

    assert take(delivery_id) is not None


def test_money_that_kills_its_worker_goes_on_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    subscribe(monkeypatch, MONEY)
    delivery_id = owe_one()
    kill(delivery_id, MONEY.consumer, 12)

    held = taken(delivery_id, consumer=MONEY.consumer)
    abandon(delivery_id)

    assert take(delivery_id, consumer=MONEY.consumer) is None
    slow = "run_after - now() BETWEEN interval '9 minutes' AND interval '10 minutes'"
    assert rows(f"SELECT state, {slow} FROM deliveries") == [("running", True)]  # noqa: S608  # the line above
    with transaction() as session:
        held.finish(session)
    assert row(delivery_id).state == "done"
