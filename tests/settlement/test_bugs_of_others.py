"""Faults that other shops have had, where no other test is about the same: all are in docs/promises.md."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.fulfillment import services as fulfillment
from app.orders import services as orders
from app.orders.models import Order, OrderLine
from app.payments.gateway.protocol import ProviderPayment
from app.payments.services import payments
from app.platform.db import transaction
from app.platform.ids import new_id
from app.settlement.services import Outcome, cancel, settle
from tests.buyers import purchase
from tests.database import count, lock_waiters, rows
from tests.gateway import FakeGateway
from tests.sales import HOLDS, PAID, TOTAL, make_sale, state, topics
from tests.waiting import wait


def test_money_reported_again_after_the_order_was_called_off_neither_revives_it_nor_takes_stock(
    session: Session,
) -> None:
    """mollie/WooCommerce #1252: a late "paid" put a refunded order back to work, and reduced stock again."""
    sale = make_sale(session)
    settle(session, sale.seen("succeeded"), holds=HOLDS)
    fulfillment.open_for_order(session, sale.order_id)
    cancel(session, orders.lock(session, sale.order_id), reason="buyer")
    before = state(sale, session), count("events", session), count("stock_movements", session)

    outcomes = {settle(session, sale.seen("succeeded"), holds=HOLDS) for _ in range(3)}

    assert outcomes == {Outcome.UNCHANGED}
    assert (state(sale, session), count("events", session), count("stock_movements", session)) == before
    assert before[0] == replace(
        PAID,
        order=("cancelled", "paid", "buyer"),
        reservations=["released"],
        stock=(5, 0),
        refunds=[("owed", TOTAL, "USD", "cancelled")],
    )
    assert rows("SELECT status FROM fulfillments", session) == [("cancelled",)]


def test_money_reported_twice_before_the_answer_is_taken_once(session: Session) -> None:
    sale = make_sale(session, opened=False)

    for _ in range(2):
        settle(session, sale.seen("succeeded"), holds=HOLDS)

    assert state(sale, session) == PAID
    assert rows("SELECT captured_amount, refunded_amount FROM payments", session) == [(TOTAL, 0)]


def keep_locks(kept: Event) -> None:
    """Commit only when somebody waits for what this transaction has locked."""
    kept.set()
    wait(lambda: lock_waiters() > 0)


def report_paid(made: ProviderPayment, kept: Event, *, is_first: bool) -> None:
    """Settle that it was paid, before the answer is written down or behind it."""
    assert is_first or kept.wait(10)
    with transaction() as session:
        settle(session, replace(made, status="succeeded", amount_received=made.amount), holds=HOLDS)
        if is_first:
            keep_locks(kept)


@pytest.mark.parametrize("is_first", [False, True])
def test_a_report_that_races_with_the_answer_takes_the_money_once_and_gives_nothing_back(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, *, is_first: bool
) -> None:
    """saleor #9504: a racing notification refunded a new order, and doubled the captured amount.

    Whoever is first, the report or the answer, commits only when the other one waits for its lock.
    """
    gateway, record, kept = FakeGateway(), payments.record_opened, Event()
    reported: list[Future[None]] = []

    def answer(*what: Any) -> None:
        record(*what)
        if not is_first:
            keep_locks(kept)

    def race(made: ProviderPayment) -> None:
        reported.append(pool.submit(report_paid, made, kept, is_first=is_first))
        assert not is_first or kept.wait(10)

    monkeypatch.setattr(payments, "record_opened", answer)
    monkeypatch.setitem(app.extensions, "payment_gateway", gateway)
    gateway.while_opening = race
    with ThreadPoolExecutor(1) as pool:
        bought = purchase(client)
        reported[0].result(timeout=10)

    assert state(bought) == PAID
    assert rows("SELECT captured_amount, refunded_amount FROM payments") == [(TOTAL, 0)]
    assert [topics(bought).count(each) for each in ("payments.succeeded", "orders.paid")] == [1, 1]
    assert gateway.calls == ["open"]


def test_lines_of_one_article_are_reserved_as_their_sum() -> None:
    """medusa #16502: two lines that share one item were each checked alone, and oversold together."""
    shared, other = new_id(), new_id()
    lines = [
        OrderLine(variant_id=each, quantity=units) for each, units in ((shared, 3), (other, 1), (shared, 4))
    ]

    assert orders.quantities(Order(lines=lines)) == {shared: 7, other: 1}
