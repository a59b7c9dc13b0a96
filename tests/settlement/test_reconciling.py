"""Not one webhook comes, and nobody says that they paid: the provider's own lists bring everything."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from app.platform import clock
from tests.attempts import SESSION, pay_hosted
from tests.buyers import Purchase, make_buyer, purchase
from tests.database import change, count, rows
from tests.expiry import intents
from tests.sales import PAID, PENDING, TOTAL, state, topics
from tests.settlement.reconciled import let_pass, reconcile
from tests.settlement.reviews import decide, second_object
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain

OPEN_HERE, PAID_THERE = f"open, 0 of {TOTAL} USD", f"succeeded, {TOTAL} of {TOTAL} USD"


def levels(logged: StringIO) -> list[str]:
    """How loudly each difference was told."""
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    return [line["level"] for line in lines if line["event"] == "difference_found"]


def test_a_payment_of_which_nothing_was_heard_is_found_in_the_list(
    bought: Purchase, stripe: StandIn, logged: StringIO
) -> None:
    stripe.order("webhooks", {"drop": True})
    stripe.confirm(bought.provider_id)
    # Some are never made at all.
    stripe.in_books("DELETE FROM objects WHERE id IN (SELECT event FROM deliveries WHERE state = 'dropped')")

    found = reconcile()

    assert found == [("healed", bought.provider_id, OPEN_HERE, PAID_THERE, "settled")]
    assert state(bought) == PAID
    assert topics(bought).count("orders.paid") == 1
    assert topics(bought).count("settlement.difference_found") == 1
    assert levels(logged) == ["info"]
    assert reconcile() == []
    assert topics(bought).count("orders.paid") == 1


def test_what_agrees_costs_no_call_and_no_event(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    purchase(client)
    told = count("events")
    asked = stripe.order("faults", {"path": "/v1/payment_intents/", "method": "GET", "outcome": 500})

    assert reconcile() == []

    assert rows("SELECT kind, state, compared FROM reconciliation_runs") == [("recent", "done", 2)]
    assert stripe.order("faults", method="GET") == [asked]
    assert rows("SELECT topic FROM events ORDER BY sequence OFFSET :told", told=told) == [
        ("settlement.reconciliation_continued",)
    ]


def test_a_hosted_page_that_was_paid_is_found(client: FlaskClient, stripe: StandIn) -> None:
    bought = purchase(client, payment_flow=SESSION)
    ((url, session_id),) = rows("SELECT redirect_url, session_id FROM payments")
    pay_hosted(url)

    found = reconcile()

    assert found == [("healed", session_id, OPEN_HERE, PAID_THERE, "settled")]
    assert state(bought) == PAID
    assert reconcile() == []


def test_a_payment_that_waits_for_its_opening_is_tied_to_what_was_made(
    bought: Purchase, stripe: StandIn
) -> None:
    change("UPDATE payments SET provider_id = NULL, status = 'creating'")

    found = reconcile()

    there = f"requires_payment_method, 0 of {TOTAL} USD"
    assert found == [("healed", bought.provider_id, f"creating, 0 of {TOTAL} USD", there, "settled")]
    assert state(bought) == PENDING
    assert rows("SELECT provider_id FROM payments") == [(bought.provider_id,)]


def test_what_can_still_be_paid_for_an_order_that_ended_is_closed(bought: Purchase, stripe: StandIn) -> None:
    bought.buyer.post(f"/v1/orders/{bought.order_id}/cancel")
    change("UPDATE deliveries SET state = 'done', done_at = now()")
    change("UPDATE payments SET status = 'cancelled'")
    change("UPDATE reservations SET status = 'released'")
    change("UPDATE stock_levels SET reserved = 0")
    change("UPDATE orders SET status = 'cancelled', cancel_reason = 'buyer', cancelled_at = now()")

    found = reconcile()

    there = f"requires_payment_method, 0 of {TOTAL} USD"
    assert found == [("healed", bought.provider_id, f"cancelled, 0 of {TOTAL} USD", there, "closed")]
    assert intents(stripe) == ["canceled"]
    assert reconcile() == []


def test_money_that_does_not_fit_is_for_an_operator_and_found_once(bought: Purchase, stripe: StandIn) -> None:
    change("UPDATE payments SET amount = amount - 100")
    stripe.confirm(bought.provider_id)

    found = reconcile()

    ours = f"open, 0 of {TOTAL - 100} USD"
    assert found == [("disagreeing", bought.provider_id, ours, PAID_THERE, "reviewed")]
    assert rows("SELECT status, payment_status FROM orders") == [("pending", "review")]
    assert reconcile() == []


def test_money_beside_the_orders_own_that_was_given_back_leaves_nothing_to_report(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    second_object(bought, client, stripe)
    assert decide(make_buyer(client, "admin"), bought.payment_id, "refund").status_code == 200
    drain()
    told = topics(bought)

    assert reconcile() == []

    assert rows("SELECT captured_amount, refunded_amount FROM payments") == [(2 * TOTAL, TOTAL)]
    assert topics(bought) == told


def test_money_for_a_payment_that_is_not_here_is_reported_once_and_left_alone(
    client: FlaskClient, stripe: StandIn, logged: StringIO
) -> None:
    stray = {"payment_id": str(uuid4()), "order_id": str(uuid4())}
    paid = stripe.new_intent(TOTAL, payment_method="pm_card_visa", confirm=True, metadata=stray)
    unpaid = stripe.new_intent(500, metadata=stray)
    stripe.new_intent(700, payment_method="pm_card_visa", confirm=True)

    found = reconcile()

    assert found == [
        ("orphaned", unpaid.id, "absent", "requires_payment_method, 0 of 500 USD", "nothing"),
        ("orphaned", paid.id, "absent", PAID_THERE, "nothing"),
    ]
    assert intents(stripe) == ["succeeded", "requires_payment_method", "succeeded"]
    kept = rows("SELECT amount, currency FROM reconciliation_findings ORDER BY amount")
    assert kept == [(TOTAL, "USD"), (None, None)]
    assert levels(logged) == ["warning", "error"]
    assert reconcile() == []
    assert count("reconciliation_findings") == 2
    assert levels(logged) == ["warning", "error"]


def test_events_that_never_came_are_put_into_the_inbox(bought: Purchase, stripe: StandIn) -> None:
    stripe.order("webhooks", {"drop": True})
    stripe.confirm(bought.provider_id)
    stripe.in_books("UPDATE objects SET created = created - 120 WHERE kind = 'event'")

    found = reconcile()

    (event,) = [each for each in stripe.books()["events"] if each["type"] == "payment_intent.succeeded"]
    assert found == [
        ("healed", bought.provider_id, OPEN_HERE, PAID_THERE, "settled"),
        ("healed", event["id"], "not received", "payment_intent.succeeded", "kept"),
    ]
    assert rows("SELECT id, status FROM provider_events") == [(event["id"], "unchanged")]
    assert state(bought) == PAID
    assert reconcile() == []


@pytest.mark.parametrize(("age", "kept"), [(120, 1), (30, 0)])
@pytest.mark.parametrize("shift", [timedelta(hours=-1), timedelta(hours=1)])
def test_an_event_is_as_old_as_the_database_says_not_the_workers_clock(
    bought: Purchase, stripe: StandIn, monkeypatch: pytest.MonkeyPatch, shift: timedelta, age: int, kept: int
) -> None:
    stripe.order("webhooks", {"drop": True})
    stripe.confirm(bought.provider_id)
    stripe.in_books(f"UPDATE objects SET created = created - {age} WHERE kind = 'event'")  # noqa: S608  # ours
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + shift)

    assert [each[-1] for each in reconcile()] == ["settled"] + ["kept"] * kept


def test_an_open_payment_is_asked_about_with_growing_gaps(bought: Purchase, stripe: StandIn) -> None:
    assert reconcile("open") == []
    assert rows("SELECT asks, ask_after FROM payments") == [(0, None)]
    let_pass(seconds=31)

    for asks, gap in enumerate((60, 120, 240, 300, 300), 1):
        assert reconcile("open") == []
        assert reconcile("open") == []
        ((count, left),) = rows("SELECT asks, extract(epoch FROM ask_after - now())::int FROM payments")
        assert count == asks
        assert gap - 25 < left <= gap
        let_pass(seconds=gap)

    stripe.confirm(bought.provider_id)
    assert reconcile("open") == [("healed", bought.provider_id, OPEN_HERE, PAID_THERE, "settled")]
    assert state(bought) == PAID
    let_pass(seconds=301)
    assert reconcile("open") == []
    assert rows("SELECT asks FROM payments") == [(6,)]
