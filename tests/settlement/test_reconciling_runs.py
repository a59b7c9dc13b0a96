"""Runs of reconciliation: in steps, one of a kind at a time, going on where they were interrupted."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient

from app.platform.db import now, transaction
from app.settlement.services import runs
from app.settlement.workflows import reconciling
from tests.buyers import Purchase, purchase
from tests.database import change, count, lock_waiters, rows
from tests.sales import PAID, PENDING, state
from tests.settlement.reconciled import let_pass, owe, reconcile
from tests.stand_in import StandIn
from tests.waiting import wait
from tests.work import drain, make_due

RUNS = "SELECT kind, state, step, compared, interrupted_by FROM reconciliation_runs ORDER BY started_at"


def test_a_run_goes_on_in_steps_behind_the_object_that_it_looked_at_last(
    client: FlaskClient, stripe: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "STEP_SECONDS", 0.0)
    purchases = [purchase(client) for _ in range(3)]
    for each in purchases:
        stripe.confirm(each.provider_id)

    owe()
    ran = drain()

    assert ran.count("settlement.reconcile") == 4
    assert [state(each) for each in purchases] == [PAID] * 3
    assert rows(RUNS) == [("recent", "done", 4, 3, None)]
    assert rows("SELECT object_id FROM reconciliation_findings ORDER BY found_at") == [
        (each.provider_id,) for each in reversed(purchases)
    ]


@pytest.mark.parametrize(("silent", "run"), [(2, ("done", 5)), (5, ("interrupted", 2))])
def test_payments_are_asked_about_on_until_the_provider_is_silent_three_times_in_a_row(
    client: FlaskClient, stripe: StandIn, silent: int, run: tuple[str, int]
) -> None:
    purchases = [purchase(client) for _ in range(5)]
    for each in purchases:
        stripe.confirm(each.provider_id)
    for each in purchases[:silent]:
        path = f"/v1/payment_intents/{each.provider_id}"
        stripe.order("faults", {"path": path, "method": "GET", "outcome": 500, "calls": None})
    let_pass(seconds=31)

    owe("open")
    drain()

    assert rows("SELECT state, compared FROM reconciliation_runs") == [run]
    assert [state(each) for each in purchases] == [PENDING] * silent + [PAID] * (5 - silent)
    stripe.order("faults", method="DELETE")
    let_pass(seconds=300)
    owe("open")
    drain()
    assert [state(each) for each in purchases] == [PAID] * 5


def test_of_a_kind_there_is_one_at_a_time(client: FlaskClient, stripe: StandIn) -> None:
    for _ in range(3):
        owe()
    owe("deep")

    assert rows("SELECT kind, step FROM reconciliation_runs ORDER BY kind") == [("deep", 1), ("recent", 1)]
    assert drain() == ["settlement.reconcile"] * 2
    assert reconcile() == []
    assert count("reconciliation_runs") == 3


def test_a_run_that_lost_its_worker_for_good_is_taken_up_again(client: FlaskClient, stripe: StandIn) -> None:
    owe()
    change("UPDATE deliveries SET state = 'dead'")
    owe()
    assert rows("SELECT step FROM reconciliation_runs") == [(1,)]

    change("UPDATE reconciliation_runs SET touched_at = now() - interval '61 minutes'")
    owe()
    change("UPDATE deliveries SET state = 'pending' WHERE state = 'dead'")
    make_due()

    assert drain() == ["settlement.reconcile"] * 2
    assert rows(RUNS) == [("recent", "done", 2, 0, None)]


def test_a_run_that_ends_while_the_schedule_looks_at_it_stays_ended(client: FlaskClient) -> None:
    owe()
    change("UPDATE reconciliation_runs SET touched_at = now() - interval '61 minutes'")
    ((run_id,),) = rows("SELECT id FROM reconciliation_runs")

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            change("SELECT FROM reconciliation_runs FOR UPDATE", session)
            schedule = pool.submit(owe)
            wait(lambda: lock_waiters() > 0)
            runs.arrive(session, run_id, runs.Place("recent", None, None, now(session)))
        schedule.result(timeout=10)

    assert rows(RUNS) == [("recent", "done", 1, 0, None)]


def test_an_object_that_breaks_us_does_not_shield_those_behind_it(
    client: FlaskClient, stripe: StandIn
) -> None:
    older, newer = purchase(client), purchase(client)
    for each in (older, newer):
        stripe.confirm(each.provider_id)
    gone = {"path": f"/v1/payment_intents/{newer.provider_id}", "method": "GET", "outcome": 400}
    stripe.order("faults", gone | {"calls": None, "code": "resource_missing"})

    found = reconcile()

    assert [(kind, object_id, action) for kind, object_id, _, _, action in found] == [
        ("disagreeing", newer.provider_id, "failed"),
        ("healed", older.provider_id, "settled"),
    ]
    assert found[0][3] == "resource_missing"
    assert (state(older), state(newer).payments) == (PAID, ["open"])


def test_a_run_whose_last_object_the_provider_has_forgotten_begins_that_list_anew(
    bought: Purchase, stripe: StandIn
) -> None:
    """It was interrupted among the oldest events, and a day later Stripe has them no more."""
    stripe.order("webhooks", {"drop": True})
    stripe.confirm(bought.provider_id)
    stripe.in_books("UPDATE objects SET created = created - 120 WHERE kind = 'event'")
    owe("deep")
    change("UPDATE reconciliation_runs SET stage = 'event', cursor = 'evt_forgotten'")

    drain()

    assert rows("SELECT kind, state, step FROM reconciliation_runs") == [("deep", "done", 1)]
    assert state(bought) == PAID


def test_old_runs_are_forgotten_with_what_they_found(bought: Purchase, stripe: StandIn) -> None:
    stripe.confirm(bought.provider_id)
    reconcile()
    reconcile()
    change(
        "UPDATE reconciliation_runs SET started_at = now() - interval '91 days'"
        " WHERE id IN (SELECT run_id FROM reconciliation_findings)"
    )

    with transaction() as session:
        assert runs.forget_old(session, limit=500) == 1
        assert runs.forget_old(session, limit=500) == 0

    assert (count("reconciliation_runs"), count("reconciliation_findings")) == (1, 0)


def test_a_step_that_is_not_wanted_any_more_does_nothing(client: FlaskClient, stripe: StandIn) -> None:
    owe()
    change("UPDATE reconciliation_runs SET step = 7")

    assert drain() == ["settlement.reconcile"]

    assert rows(RUNS) == [("recent", "running", 7, 0, None)]
