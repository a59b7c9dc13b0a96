"""Orders whose hold is over: closed at the provider first, and only then is the stock free."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.buyers import Purchase, purchase
from tests.database import change, rows
from tests.expiry import intents, let_expire, sweep
from tests.gateway import FakeGateway, workers_ask
from tests.sales import CANCELLED, DECLINE, EXPIRED, PAID, PENDING, state, topics
from tests.stand_in import StandIn
from tests.work import drain, make_due, tick

CANCEL = {"path": "/v1/payment_intents/pi_", "method": "POST"}
CLOSED = ["payments.close_requested", "payments.cancelled", "orders.cancelled"]


def test_an_order_within_its_hold_is_left_alone(bought: Purchase, stripe: StandIn) -> None:
    sweep()

    assert state(bought) == PENDING
    assert intents(stripe) == ["requires_payment_method"]


def test_an_open_intent_is_cancelled_and_then_the_stock_is_free_exactly_once(
    bought: Purchase, stripe: StandIn
) -> None:
    let_expire()

    assert sweep() == ["settlement.close_payment"]

    assert state(bought) == EXPIRED
    assert intents(stripe) == ["canceled"]
    assert topics(bought)[2:] == CLOSED
    assert sweep() == []
    assert state(bought) == EXPIRED


def test_the_stock_is_kept_until_the_provider_has_agreed(bought: Purchase, stripe: StandIn) -> None:
    let_expire()

    tick("settlement.expire_due")

    assert state(bought) == PENDING
    assert intents(stripe) == ["requires_payment_method"]


def test_a_sweep_that_runs_again_before_the_work_is_done_owes_it_once(bought: Purchase) -> None:
    let_expire()

    for _ in range(3):
        tick("settlement.expire_due")

    assert topics(bought)[2:] == ["payments.close_requested"]
    assert drain() == ["settlement.close_payment"]
    assert state(bought) == EXPIRED


def test_sweeps_at_once_end_each_order_once(client: FlaskClient, stripe: StandIn) -> None:
    orders = [purchase(client) for _ in range(6)]
    let_expire()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: tick("settlement.expire_due"), range(8)))
    drain()

    assert [state(each) for each in orders] == [EXPIRED] * 6
    assert [topics(each)[2:] for each in orders] == [CLOSED] * 6


def test_a_hold_without_a_payment_ends_without_the_provider(bought: Purchase, stripe: StandIn) -> None:
    change("UPDATE payments SET status = 'cancelled'")
    let_expire()

    assert sweep() == []

    assert state(bought) == EXPIRED
    assert topics(bought)[2:] == ["orders.cancelled"]
    assert intents(stripe) == ["requires_payment_method"]


def test_an_order_that_was_paid_meanwhile_becomes_paid(bought: Purchase, stripe: StandIn) -> None:
    stripe.confirm(bought.provider_id)
    let_expire()

    sweep()

    assert state(bought) == PAID
    assert "orders.cancelled" not in topics(bought)


def test_a_hold_that_was_extended_meanwhile_is_no_expiry(bought: Purchase, stripe: StandIn) -> None:
    let_expire()
    tick("settlement.expire_due")
    change("UPDATE orders SET hold_until = now() + interval '1 minute'")

    assert drain() == ["settlement.close_payment"]

    assert (state(bought), intents(stripe)) == (PENDING, ["requires_payment_method"])
    assert drain() == []


def step_clock_back(seconds: int) -> None:
    """The database's clock: all that it has said of the order's hold is so much later by it now."""
    change(
        "UPDATE orders SET hold_until = hold_until + make_interval(secs => :seconds),"
        " expiry_requested_at = expiry_requested_at + make_interval(secs => :seconds)",
        seconds=seconds,
    )
    ((order_id, hold_until),) = rows("SELECT id, hold_until FROM orders")
    change(
        "UPDATE deliveries SET dedupe_key = :key WHERE consumer = 'settlement.close_payment'",
        key=f"{order_id}:{hold_until.isoformat()}",
    )


def work_of_closing() -> list[tuple[Any, ...]]:
    """State, failures, tries, and how many seconds it waits for, of the work that closes the payment."""
    return rows(
        "SELECT state, failures, attempts, ceil(extract(epoch FROM run_after - now()) / 10)::int * 10"
        " FROM deliveries WHERE consumer = 'settlement.close_payment'"
    )


@pytest.mark.parametrize(("back", "waits"), [(31, 30), (3600, 60)])
def test_a_clock_that_steps_back_behind_the_end_of_the_hold_only_delays_it(
    bought: Purchase, stripe: StandIn, back: int, waits: int
) -> None:
    """A standby that is two seconds behind takes over between the sweep and the work: so much is enough."""
    let_expire()
    tick("settlement.expire_due")
    step_clock_back(back)

    assert drain() == ["settlement.close_payment"]

    assert (state(bought), intents(stripe)) == (PENDING, ["requires_payment_method"])
    assert work_of_closing() == [("pending", 0, 0, waits)]
    step_clock_back(-back)
    assert sweep() == ["settlement.close_payment"]
    assert (state(bought), intents(stripe)) == (EXPIRED, ["canceled"])
    assert topics(bought)[2:] == CLOSED


def test_a_buyer_can_still_cancel_while_the_end_waits_for_such_a_clock(
    bought: Purchase, stripe: StandIn
) -> None:
    let_expire()
    tick("settlement.expire_due")
    step_clock_back(3600)
    drain()

    assert bought.buyer.post(f"/v1/orders/{bought.order_id}/cancel").status_code == 202
    make_due()

    assert drain() == ["settlement.close_payment"]
    assert (state(bought), intents(stripe)) == (CANCELLED, ["canceled"])


def test_a_clock_that_steps_back_while_the_provider_answers_only_delays_the_end(bought: Purchase) -> None:
    let_expire()
    tick("settlement.expire_due")
    gateway = FakeGateway(bought.seen("canceled"))
    gateway.while_answering = lambda _: step_clock_back(31)

    with workers_ask(gateway):
        drain()

    assert (state(bought), gateway.calls) == (replace(PENDING, payments=["cancelled"]), ["close"])
    assert work_of_closing() == [("pending", 0, 0, 30)]
    step_clock_back(-31)
    assert sweep() == ["settlement.close_payment"]
    assert state(bought) == EXPIRED


def test_a_payment_that_the_bank_still_works_on_is_given_up_with_the_hold(
    bought: Purchase, stripe: StandIn
) -> None:
    stripe.confirm(bought.provider_id, "pm_usBankAccount_processing")
    let_expire()

    sweep()

    assert state(bought) == EXPIRED
    assert intents(stripe) == ["canceled"]


@pytest.mark.parametrize("fault", [{"outcome": 500}, {"outcome": "lost"}])
def test_a_provider_that_cannot_be_reached_keeps_the_hold(
    bought: Purchase, stripe: StandIn, fault: dict[str, Any]
) -> None:
    stripe.order("faults", CANCEL | fault | {"calls": None})
    let_expire()

    sweep()
    make_due()
    drain()

    assert state(bought) == PENDING
    assert rows("SELECT state, failures FROM deliveries WHERE consumer = 'settlement.close_payment'") == [
        ("pending", 2)
    ]
    stripe.order("faults", method="DELETE")
    make_due()
    drain()
    assert state(bought) == EXPIRED


def test_a_lost_answer_to_the_cancellation_is_found_out(bought: Purchase, stripe: StandIn) -> None:
    stripe.order("faults", CANCEL | {"when": "after", "outcome": "lost", "calls": None})
    let_expire()
    sweep()
    assert (state(bought), intents(stripe)) == (PENDING, ["canceled"])

    stripe.order("faults", method="DELETE")
    make_due()
    drain()

    assert state(bought) == EXPIRED


def test_a_day_after_the_hold_the_stock_is_free_without_the_provider(
    bought: Purchase, stripe: StandIn
) -> None:
    stripe.order("faults", {"path": "/v1", "outcome": 500, "calls": None})
    let_expire(hours=25)

    sweep()

    assert state(bought) == EXPIRED
    stripe.order("faults", method="DELETE")
    stripe.confirm(bought.provider_id)
    make_due()
    drain()
    assert state(bought) == replace(PAID, reservations=["released", "committed"])


def test_a_day_after_the_hold_the_open_intent_is_still_closed_when_the_provider_is_back(
    bought: Purchase, stripe: StandIn
) -> None:
    stripe.order("faults", {"path": "/v1", "outcome": 500, "calls": None})
    let_expire(hours=25)
    sweep()

    stripe.order("faults", method="DELETE")
    make_due()
    drain()

    assert intents(stripe) == ["canceled"]
    assert state(bought) == EXPIRED


def test_a_worker_whose_work_was_taken_over_while_the_provider_answered_changes_nothing(
    bought: Purchase,
) -> None:
    let_expire()
    tick("settlement.expire_due")
    gateway = FakeGateway(bought.seen("requires_payment_method", decline=DECLINE))
    taken = "UPDATE deliveries SET token = token + 1 WHERE consumer = 'settlement.close_payment'"
    gateway.while_answering = lambda _: change(taken)

    with workers_ask(gateway):
        drain()

    assert (state(bought), gateway.calls) == (PENDING, ["close"])
    assert topics(bought)[2:] == ["payments.close_requested"]
    left = "SELECT state, failures FROM deliveries WHERE consumer = 'settlement.close_payment'"
    assert rows(left) == [("running", 0)]
