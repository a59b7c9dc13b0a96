"""Runs of reconciliation, and a provider that does not answer: it is waited for, but nothing is for good."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.settlement.workflows.reconciling import MOST_SILENCES
from tests.buyers import Purchase, purchase
from tests.database import count, rows
from tests.sales import PAID, PENDING, TOTAL, state
from tests.settlement.reconciled import let_pass, owe, reconcile
from tests.stand_in import StandIn
from tests.work import drain

RUNS = "SELECT state, step, compared, interrupted_by FROM reconciliation_runs ORDER BY started_at"


def silent(stripe: StandIn, path: str, outcome: int = 500, **more: Any) -> None:
    """From now on this is the answer to whoever reads there."""
    fault = {"path": f"/v1/{path}", "method": "GET", "outcome": outcome, "calls": None}
    stripe.order("faults", fault | more)


def paid_there(client: FlaskClient, stripe: StandIn, number: int) -> list[Purchase]:
    """So many orders that are paid, of which nothing was heard; the oldest first."""
    purchases = [purchase(client) for _ in range(number)]
    for each in purchases:
        stripe.confirm(each.provider_id)
    return purchases


def test_a_provider_that_is_silent_three_times_in_a_row_interrupts_and_the_next_period_goes_on(
    client: FlaskClient, stripe: StandIn
) -> None:
    purchases = paid_there(client, stripe, 4)
    for each in purchases[:3]:
        silent(stripe, f"payment_intents/{each.provider_id}", 429)

    owe()
    drain()

    assert rows(RUNS) == [("interrupted", 1, 3, "RateLimitError")]
    assert rows("SELECT state FROM deliveries WHERE consumer = 'settlement.reconcile'") == [("done",)]
    assert [state(each) for each in purchases] == [PENDING, PENDING, PENDING, PAID]
    assert rows("SELECT object_id, theirs, action FROM reconciliation_findings ORDER BY found_at") == [
        (purchases[3].provider_id, f"succeeded, {TOTAL} of {TOTAL} USD", "settled")
    ]
    assert count("scheduled_jobs") == 0
    stripe.order("faults", method="DELETE")
    owe()
    drain()
    assert rows(RUNS) == [("done", 2, 4, None)]
    assert [state(each) for each in purchases] == [PAID, PENDING, PENDING, PAID]
    assert rows("SELECT name FROM scheduled_jobs") == [("settlement.reconcile_recent",)]
    reconcile()
    assert [state(each) for each in purchases] == [PAID] * 4


@pytest.mark.parametrize(
    ("outcome", "number", "reason"), [(500, 2, "APIError"), (403, MOST_SILENCES, "PermissionError")]
)
def test_an_object_that_never_answers_does_not_shield_those_behind_it(
    client: FlaskClient, stripe: StandIn, outcome: int, number: int, reason: str
) -> None:
    *broken, last = paid_there(client, stripe, 1 + number)[::-1]
    for each in broken:
        silent(stripe, f"payment_intents/{each.provider_id}", outcome)

    found = [(kind, object_id, theirs, action) for kind, object_id, _, theirs, action in reconcile()]

    assert sorted(found) == [
        *sorted(("disagreeing", each.provider_id, reason, "failed") for each in broken),
        ("healed", last.provider_id, f"succeeded, {TOTAL} of {TOTAL} USD", "settled"),
    ]
    assert [state(each) for each in (*broken, last)] == [PENDING] * number + [PAID]


def test_an_object_that_was_silent_for_a_moment_is_settled_in_the_same_step(
    client: FlaskClient, stripe: StandIn
) -> None:
    older, newer = paid_there(client, stripe, 2)
    moment = {"path": f"/v1/payment_intents/{newer.provider_id}", "method": "GET", "outcome": 429}
    stripe.order("faults", moment)

    found = reconcile()

    assert [(kind, object_id) for kind, object_id, *_ in found] == [
        ("healed", older.provider_id),
        ("healed", newer.provider_id),
    ]
    assert rows(RUNS) == [("done", 1, 2, None)]


def test_silences_that_do_not_follow_each_other_interrupt_nothing(
    client: FlaskClient, stripe: StandIn
) -> None:
    purchases = paid_there(client, stripe, 5)
    for each in purchases[::2]:
        silent(stripe, f"payment_intents/{each.provider_id}")

    reconcile()

    assert [state(each) for each in purchases] == [PENDING, PAID, PENDING, PAID, PENDING]


def test_a_list_that_is_silent_now_and_then_is_waited_for(bought: Purchase, stripe: StandIn) -> None:
    for path, step in (("checkout/sessions", 1), ("refunds", 2)):
        silent(stripe, path)
        owe()
        drain()
        assert rows(RUNS) == [("interrupted", step, 1, "APIError")]
        stripe.order("faults", method="DELETE")

    owe()
    drain()

    assert rows(RUNS) == [("done", 3, 1, None)]
    assert (count("reconciliation_findings"), count("scheduled_jobs")) == (0, 1)


@pytest.fixture
def unheard(bought: Purchase, stripe: StandIn) -> Purchase:
    """It is paid, and its event did not come: the last thing that a run looks at."""
    stripe.order("webhooks", {"drop": True})
    stripe.confirm(bought.provider_id)
    stripe.in_books("UPDATE objects SET created = created - 120 WHERE kind = 'event'")
    return bought


def results() -> list[tuple[Any, ...]]:
    """What was found, in its order: the book, what is wrong there, and what was done."""
    wrong = "CASE kind WHEN 'disagreeing' THEN ours || ': ' || theirs END"
    return rows(f"SELECT book, {wrong}, action FROM reconciliation_findings ORDER BY found_at")  # noqa: S608  # ours


def test_a_list_that_is_silent_twice_at_the_same_place_is_left_out(
    unheard: Purchase, stripe: StandIn
) -> None:
    silent(stripe, "refunds")
    owe()
    drain()
    assert rows(RUNS) == [("interrupted", 1, 1, "APIError")]

    owe()
    drain()

    assert rows(RUNS) == [("done", 2, 2, None)]
    assert results() == [
        ("payment_intent", None, "settled"),
        ("refund", "not read to its end: APIError", "failed"),
        ("event", None, "kept"),
    ]
    assert count("scheduled_jobs") == 0
    stripe.order("faults", method="DELETE")
    assert reconcile() == []
    assert (count("reconciliation_runs"), count("scheduled_jobs")) == (2, 1)


@pytest.mark.parametrize(
    ("path", "book", "answer", "reason"),
    [
        ("disputes", "dispute", {"outcome": 403}, "PermissionError"),
        (
            "checkout/sessions",
            "checkout_session",
            {"outcome": 400, "code": "resource_missing"},
            "resource_missing",
        ),
    ],
)
def test_a_list_that_the_provider_refuses_is_left_out_at_once(
    unheard: Purchase, stripe: StandIn, path: str, book: str, answer: dict[str, Any], reason: str
) -> None:
    silent(stripe, path, **answer)
    owe()

    drain()

    assert rows(RUNS) == [("done", 1, 2, None)]
    assert results() == [
        ("payment_intent", None, "settled"),
        (book, f"not read to its end: {reason}", "failed"),
        ("event", None, "kept"),
    ]
    assert count("scheduled_jobs") == 0


def test_a_provider_that_lets_our_key_ask_about_no_payment_interrupts_the_asking(
    client: FlaskClient, stripe: StandIn
) -> None:
    paid_there(client, stripe, 3)
    silent(stripe, "payment_intents", 403)
    let_pass(seconds=31)

    owe("open")
    drain()

    assert rows(RUNS) == [("interrupted", 1, 2, "PermissionError")]
    assert count("reconciliation_findings") == 0
