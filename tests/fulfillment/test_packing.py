"""Packing: once, only what is paid for, and never what was cancelled first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.fulfillment import services
from app.orders import services as orders
from app.orders.errors import IllegalTransition
from app.payments.services import payments, refunds
from app.platform.db import transaction
from app.settlement.services import cancel, settle
from tests.database import change, count, lock_waiters, rows
from tests.sales import HOLDS, TOTAL, Sale, make_sale, topics
from tests.threads import together
from tests.waiting import wait

PARCEL = (
    "SELECT o.status, p.status, o.parcels -> 0 ->> 'status'"
    " FROM orders o JOIN fulfillments p ON o.id = p.order_id"
)
Work = Callable[[Session, Sale], None]


def paid(session: Session) -> Sale:
    """An order that its seller can pack."""
    sale = make_sale(session)
    settle(session, sale.seen("succeeded"), holds=HOLDS)
    services.open_for_order(session, sale.order_id)
    return sale


def pack(session: Session, sale: Sale) -> None:
    """The goods go into their parcels."""
    services.advance(session, sale.order_id, "packed")


def call_off(session: Session, sale: Sale) -> None:
    """The buyer cancels."""
    cancel(session, orders.lock(session, sale.order_id), reason="buyer")


def test_it_is_told_once_and_seen_by_the_buyer(session: Session) -> None:
    sale = paid(session)

    for _ in range(2):
        pack(session, sale)

    assert rows(PARCEL, session) == [("packed", "packed", "packed")]
    assert topics(sale, session)[-1] == "orders.packed"
    assert topics(sale, session).count("orders.packed") == 1


@pytest.mark.parametrize("status", ["pending", "cancelled", "shipped", "delivered"])
def test_nothing_is_packed_that_is_not_paid_and_here(session: Session, status: str) -> None:
    sale = paid(session)
    reason = "'buyer'" if status == "cancelled" else "NULL"
    change(f"UPDATE orders SET status = '{status}', cancel_reason = {reason}", session)  # noqa: S608  # ours

    with pytest.raises(IllegalTransition):
        pack(session, sale)

    assert rows(PARCEL, session) == [(status, "pending", "pending")]


def review(session: Session, _: Sale) -> None:
    change("UPDATE orders SET payment_status = 'review'", session)


def dispute(session: Session, _: Sale) -> None:
    change(
        "INSERT INTO disputes"
        " (id, order_id, payment_id, provider_id, status, reason, amount, currency, opened_at)"
        " SELECT gen_random_uuid(), order_id, id, 'du_1', 'open', 'fraudulent', amount, currency, now()"
        " FROM payments",
        session,
    )


def refund_all(session: Session, sale: Sale) -> None:
    refunds.owe(session, payments.lock(session, sale.payment_id), amount=TOTAL, currency="USD", reason="r")


def forget_parcels(session: Session, _: Sale) -> None:
    change("UPDATE orders SET finalized_at = NULL", session)


@pytest.mark.parametrize(
    "what", [review, dispute, refund_all, forget_parcels], ids=lambda each: each.__name__
)
def test_nothing_is_packed_whose_money_may_be_gone(session: Session, what: Work) -> None:
    sale = paid(session)
    what(session, sale)

    with pytest.raises(IllegalTransition):
        pack(session, sale)

    assert rows(PARCEL, session) == [("paid", "pending", "pending")]
    assert "orders.packed" not in topics(sale, session)


def test_what_was_partly_refunded_is_packed(session: Session) -> None:
    sale = paid(session)
    refunds.owe(session, payments.lock(session, sale.payment_id), amount=1, currency="USD", reason="r")

    pack(session, sale)

    assert rows(PARCEL, session) == [("packed", "packed", "packed")]


def tried(work: Work, sale: Sale) -> bool:
    """Whether the work could be done, in a transaction of its own."""
    try:
        with transaction() as session:
            work(session, sale)
    except IllegalTransition:
        return False
    return True


def consistent(sale: Sale, *, packed: bool) -> None:
    """The whole of one end, and nothing of the other."""
    status = "packed" if packed else "cancelled"
    assert rows(PARCEL) == [(status, status, status)]
    assert (count("refunds"), count("stock_movements WHERE reason = 'returned'")) == ((not packed,) * 2)
    assert ("orders.packed" in topics(sale), "orders.cancelled" in topics(sale)) == (packed, not packed)


@pytest.mark.parametrize("first", [pack, call_off], ids=["packing", "cancelling"])
def test_whoever_has_the_order_first_wins_against_the_other(client: FlaskClient, first: Work) -> None:
    with transaction() as session:
        sale = paid(session)
    second = call_off if first is pack else pack

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            first(session, sale)
            session.flush()
            other = pool.submit(tried, second, sale)
            wait(lambda: lock_waiters() > 0)

        assert other.result(timeout=10) is False
    consistent(sale, packed=first is pack)


@pytest.mark.parametrize("attempt", range(4))
def test_packing_and_cancelling_at_one_moment_has_one_winner(client: FlaskClient, attempt: int) -> None:
    with transaction() as session:
        sale = paid(session)

    packed, cancelled = together(lambda: tried(pack, sale), lambda: tried(call_off, sale))

    assert packed != cancelled
    consistent(sale, packed=packed)
