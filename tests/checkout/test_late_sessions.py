"""A hosted session that comes too late is another payment, and the buyer may ask for one meanwhile."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.orders import services as orders
from app.payments import queries
from app.payments.services import opening
from app.platform.db import transaction
from tests.attempts import INTENT, SESSION, attempt, live_payments
from tests.buyers import Purchase, purchase
from tests.database import change, lock_waiters, rows
from tests.sales import PENDING, state
from tests.stand_in import StandIn
from tests.waiting import wait
from tests.work import drain, make_due

CREATE = {"path": "/v1/checkout/sessions", "method": "POST"}


@pytest.fixture
def late(client: FlaskClient, stripe: StandIn) -> Purchase:
    """An order whose session was not made when Stripe was asked for it, and would end too soon by now."""
    stripe.order("faults", CREATE | {"outcome": 500})
    bought = purchase(client, payment_flow=SESSION)
    late = "jsonb_set(parameters, '{expires_at}', to_jsonb(extract(epoch FROM now())::int + 1859))"
    change(f"UPDATE payments SET sent_at = now() - interval '29 minutes', parameters = {late}")  # noqa: S608
    change("UPDATE orders SET hold_until = now() + interval '1859 s'")
    return bought


def test_a_session_that_comes_too_late_is_another_payment_with_a_new_hold(
    late: Purchase, stripe: StandIn
) -> None:
    make_due()
    ran = drain()

    assert ran == ["payments.open", "settlement.replace_payment", "payments.open"]
    assert state(late) == replace(PENDING, payments=["cancelled", "open"])
    ((payment_id, status, flow),) = live_payments(late)
    (session,) = stripe.books()["checkout_sessions"]
    assert (status, flow, session["metadata"]["payment_id"]) == ("open", SESSION, payment_id)
    assert rows("SELECT hold_until > now() + interval '59 minutes' FROM orders") == [(True,)]
    assert late.buyer.get(f"/v1/payments/{late.payment_id}").get_json()["status"] == "cancelled"


@pytest.mark.parametrize(
    ("flow", "status", "payments"),
    [(SESSION, 202, ["cancelled", "open"]), (INTENT, 201, ["cancelled", "cancelled", "open"])],
)
def test_an_attempt_waits_for_a_worker_that_puts_another_payment_behind_it(
    late: Purchase, flow: str, status: int, payments: list[str]
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            assert opening.renew_late_session(session, queries.get(session, late.payment_id))
            ((behind,),) = rows("SELECT id::text FROM payments WHERE waits_for_id IS NOT NULL", session)
            asked = pool.submit(attempt, late, flow)
            wait(lambda: lock_waiters() == 1)
        answer = asked.result(timeout=10)

    assert (answer.status_code, answer.get_json()["id"] == behind) == (status, flow == SESSION)
    make_due()
    drain()
    assert state(late) == replace(PENDING, payments=payments)


def test_a_worker_waits_for_an_attempt(late: Purchase, monkeypatch: pytest.MonkeyPatch) -> None:
    hold_longer = orders.hold_longer
    works: list[Future[list[str]]] = []

    def hold_while_a_worker_comes(*what: Any, **by: Any) -> None:
        if not works:
            works.append(pool.submit(drain, only=["payments.open"]))
            wait(lambda: lock_waiters() == 1 or works[0].done())
        hold_longer(*what, **by)

    monkeypatch.setattr(orders, "hold_longer", hold_while_a_worker_comes)
    make_due()

    with ThreadPoolExecutor(1) as pool:
        answer = attempt(late, INTENT)

    assert (answer.status_code, works[0].result()) == (201, ["payments.open"])
    assert state(late) == replace(PENDING, payments=["cancelled", "open"])
    first = "SELECT state, failures FROM deliveries WHERE consumer = 'payments.open' ORDER BY id LIMIT 1"
    assert rows(first) == [("done", 1)]
