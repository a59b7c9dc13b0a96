"""Whoever locks an order is alone with it, and sees it as the one before has left it."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from app.orders import queries
from app.orders import services as orders
from app.payments.services import payments
from app.platform.db import transaction
from tests.database import change, lock_waiters
from tests.sales import make_sale
from tests.waiting import wait

pytestmark = pytest.mark.usefixtures("client")  # for its database: these commit


def seen_by_the_next(order_id: UUID) -> tuple[str, str | None]:
    """Lock the order, having read it before: its status and cancel reason then."""
    with transaction() as session:
        before = queries.get(session, order_id)
        order = orders.lock(session, order_id)
        assert order is before
        return order.status, order.cancel_reason


def test_the_next_one_waits_and_reads_the_order_anew() -> None:
    with transaction() as session:
        sale = make_sale(session)

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            order = orders.lock(session, sale.order_id)
            next_one = pool.submit(seen_by_the_next, sale.order_id)
            wait(lambda: lock_waiters() > 0)
            orders.cancel(session, order, reason="buyer")

        assert next_one.result(timeout=10) == ("cancelled", "buyer")


def test_a_sweep_leaves_out_the_order_that_somebody_is_busy_with() -> None:
    with transaction() as session:
        busy, free = make_sale(session), make_sale(session)
    change("UPDATE orders SET hold_until = now() - interval '1 second'")

    def sweep() -> list[UUID]:
        with transaction() as session:
            return [order.id for order in orders.due(session, limit=10)]

    with ThreadPoolExecutor(1) as pool, transaction() as session:
        orders.lock(session, busy.order_id)
        assert pool.submit(sweep).result(timeout=10) == [free.order_id]


def test_a_payment_is_locked_for_itself_too() -> None:
    with transaction() as session:
        sale = make_sale(session)

    def status() -> str:
        with transaction() as session:
            return payments.lock(session, sale.payment_id).status

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            payment = payments.lock(session, sale.payment_id)
            next_one = pool.submit(status)
            wait(lambda: lock_waiters() > 0)
            payments.record_cancelled(session, payment)

        assert next_one.result(timeout=10) == "cancelled"
