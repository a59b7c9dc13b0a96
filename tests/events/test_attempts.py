import os
import socket
from datetime import timedelta

import pytest

from app.events.claims import ClaimLost, publish_claimed
from app.events.services import forget_done
from app.platform import context
from app.platform.db import transaction
from tests.catalog.statements import counted_statements
from tests.database import change, count, rows
from tests.events.owed import LEASE, MONEY, Tried, abandon, owe_one, subscribe, take, taken

SECOND = timedelta(seconds=1)
Attempt = tuple[object, ...]


def noted(delivery_id: int) -> list[Attempt]:
    """Token, number, outcome and error of each attempt."""
    statement = "SELECT token, number, outcome, error FROM delivery_attempts WHERE delivery_id = :id"
    return rows(f"{statement} ORDER BY token", id=delivery_id)


def test_a_claim_is_an_attempt_from_its_commit_on() -> None:
    delivery_id = owe_one()

    taken(delivery_id)

    assert noted(delivery_id) == [(1, 1, None, None)]
    (found,) = rows("SELECT worker, now() - started_at < interval '5 s', ended_at FROM delivery_attempts")
    assert found == (f"{socket.gethostname()}:{os.getpid()}", True, None)


def test_what_is_not_taken_is_no_attempt() -> None:
    delivery_id = owe_one()
    change("UPDATE deliveries SET run_after = now() + interval '5 seconds'")

    assert take(delivery_id) is None

    assert count("delivery_attempts") == 0


def test_done_stands_with_the_effect_or_not_at_all() -> None:
    held = taken(owe_one())

    with transaction() as session:
        held.finish(session)
        session.rollback()
    assert noted(held.delivery.id) == [(1, 1, None, None)]

    with transaction() as session:
        held.finish(session)
    assert noted(held.delivery.id) == [(1, 1, "done", None)]


def test_a_failure_keeps_its_error_and_the_next_attempt_has_a_row_of_its_own() -> None:
    delivery_id = owe_one()
    with transaction() as session:
        taken(delivery_id).give_back(session, error="no luck", base=timedelta(0))

    with transaction() as session:
        taken(delivery_id).give_back(session, error="never", base=timedelta(0), permanent=True)

    assert noted(delivery_id) == [(1, 1, "failed", "no luck"), (2, 2, "failed", "never")]
    assert rows("SELECT count(*) FROM delivery_attempts WHERE ended_at < started_at") == [(0,)]


def test_errors_are_kept_without_the_addresses_that_a_mail_server_quotes() -> None:
    delivery_id = owe_one()
    error = "Refused: 550 <ada.lovelace@example.com>: no such user (ada@example.com)"

    with transaction() as session:
        taken(delivery_id).give_back(session, error=error, base=SECOND)

    kept = "Refused: 550 <(address)>: no such user ((address))"
    assert noted(delivery_id) == [(1, 1, "failed", kept)]
    assert rows("SELECT last_error FROM deliveries") == [(kept,)]


def test_a_killed_worker_gave_no_answer_as_the_next_claim_knows() -> None:
    delivery_id = owe_one()
    frozen = taken(delivery_id)
    abandon(delivery_id)

    later = taken(delivery_id)

    assert noted(delivery_id) == [(1, 1, "no_answer", None), (2, 2, None, None)]
    with pytest.raises(ClaimLost), transaction() as session:
        frozen.finish(session)
    with transaction() as session:
        assert frozen.give_back(session, error="late", base=SECOND) is None
        later.finish(session)
    assert noted(delivery_id) == [(1, 1, "no_answer", None), (2, 2, "done", None)]


def test_work_that_was_killed_too_often_has_its_last_attempt_say_so() -> None:
    delivery_id = owe_one()
    for _ in range(3):
        taken(delivery_id)
        abandon(delivery_id)

    assert take(delivery_id) is None

    outcomes = [(number, outcome, error) for _, number, outcome, error in noted(delivery_id)]
    assert outcomes[:3] == [(number, "no_answer", None) for number in (1, 2, 3)]
    assert outcomes[3:] == [(4, "failed", "killed 3 times")]


def test_a_request_is_an_attempt_too_and_may_leave_the_work_to_a_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    subscribe(monkeypatch, MONEY)
    with transaction() as session:
        held = publish_claimed(session, Tried("lamp"), consumer="tests.money", lease=LEASE)

    with transaction() as session:
        held.hand_over(session)
    taken(held.delivery.id, consumer="tests.money")

    assert noted(held.delivery.id) == [(1, 1, "handed_over", None), (2, 2, None, None)]


def test_work_that_the_release_before_has_claimed_is_finished_without_an_attempt() -> None:
    held = taken(owe_one())
    change("DELETE FROM delivery_attempts")

    with transaction() as session:
        held.finish(session)

    assert rows("SELECT state FROM deliveries") == [("done",)]
    assert count("delivery_attempts") == 0


def test_attempts_are_forgotten_with_their_delivery() -> None:
    old, young = taken(owe_one("lamp")), taken(owe_one("chair"))
    with transaction() as session:
        old.finish(session)
        young.finish(session)
    change("UPDATE deliveries SET done_at = now() - interval '8 days' WHERE id = :id", id=old.delivery.id)

    with transaction() as session:
        assert forget_done(session, limit=500) == 1

    assert noted(old.delivery.id) == []
    assert noted(young.delivery.id) == [(1, 1, "done", None)]


def test_claiming_and_finishing_take_one_statement_each() -> None:
    delivery_id = owe_one()

    with counted_statements() as claiming:
        held = taken(delivery_id)
    with counted_statements() as finishing, transaction() as session:
        held.finish(session)

    assert (len(claiming), len(finishing)) == (1, 1)


def test_a_fact_says_which_call_or_which_work_it_came_from() -> None:
    context.begin(call="POST /v1/checkout")
    owe_one()
    context.begin(delivery_id="7")
    owe_one("chair")

    assert rows("SELECT call, delivery_id FROM events ORDER BY sequence") == [
        ("POST /v1/checkout", None),
        (None, 7),
    ]
