"""Faults that other shops have had, where no other test is about the same: all are in docs/promises.md."""

from dataclasses import replace

from sqlalchemy.orm import Session

from app.fulfillment import services as fulfillment
from app.orders import services as orders
from app.orders.models import Order, OrderLine
from app.platform.ids import new_id
from app.settlement.services import Outcome, cancel, settle
from tests.database import count, rows
from tests.sales import HOLDS, PAID, TOTAL, make_sale, state


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


def test_a_report_that_races_with_the_answer_takes_the_money_once_and_gives_nothing_back(
    session: Session,
) -> None:
    """saleor #9504: a racing notification refunded a new order, and doubled the captured amount."""
    sale = make_sale(session, opened=False)

    for _ in range(2):
        settle(session, sale.seen("succeeded"), holds=HOLDS)

    assert state(sale, session) == PAID
    assert rows("SELECT captured_amount, refunded_amount FROM payments", session) == [(TOTAL, 0)]


def test_lines_of_one_article_are_reserved_as_their_sum() -> None:
    """medusa #16502: two lines that share one item were each checked alone, and oversold together."""
    shared, other = new_id(), new_id()
    lines = [
        OrderLine(variant_id=each, quantity=units) for each, units in ((shared, 3), (other, 1), (shared, 4))
    ]

    assert orders.quantities(Order(lines=lines)) == {shared: 7, other: 1}
