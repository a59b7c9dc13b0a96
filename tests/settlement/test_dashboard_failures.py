"""Refunds of the provider's dashboard that fail: nobody here retries them, so what they were for is owed."""

import pytest
from sqlalchemy.orm import Session

from app.orders import services as orders
from app.settlement.services import Outcome, cancel, settle_refund
from app.settlement.services.disputing import settle_dispute
from tests.database import rows
from tests.refunds import books, make_paid, reported
from tests.sales import TOTAL, Sale, state
from tests.steps import disputed


@pytest.fixture
def paid(session: Session) -> Sale:
    """An order of 26.99 that is paid."""
    return make_paid(session)


@pytest.mark.parametrize("amount", [TOTAL, 500])
def test_what_the_dashboard_could_not_give_back_of_a_cancelled_order_is_owed(
    session: Session, paid: Sale, amount: int
) -> None:
    settle_refund(session, reported(paid, amount, "pending"))
    cancel(session, orders.lock(session, paid.order_id), reason="buyer")
    owed = [("owed", TOTAL - amount, "USD", "cancelled")] if amount < TOTAL else []
    given = ("failed", amount, "USD", "provider")

    outcomes = [settle_refund(session, reported(paid, amount, "failed")) for _ in range(2)]

    assert outcomes == [Outcome.APPLIED, Outcome.UNCHANGED]
    found = state(paid, session)
    assert sorted(found.refunds) == sorted([given, *owed, ("owed", amount, "USD", "cancelled")])
    assert rows("SELECT captured_amount - refunded_amount FROM payments", session) == [(0,)]
    sendings = "SELECT count(*) FROM deliveries WHERE consumer = 'settlement.send_refund'"
    assert rows(sendings, session) == [(len(found.refunds) - 1,)]


def test_what_the_dashboard_could_not_give_back_of_an_order_that_goes_on_is_not_owed(
    session: Session, paid: Sale
) -> None:
    settle_refund(session, reported(paid, 500, "pending"))

    settle_refund(session, reported(paid, 500, "failed"))

    assert books(paid, session) == ("paid", 0, [("provider", "failed", 500)])


def test_what_the_dashboard_could_not_give_back_is_not_owed_while_a_bank_asks_for_it(
    session: Session, paid: Sale
) -> None:
    settle_refund(session, reported(paid, TOTAL, "pending"))
    cancel(session, orders.lock(session, paid.order_id), reason="buyer")
    settle_dispute(session, disputed(paid, "needs_response", withdrawn=False))

    settle_refund(session, reported(paid, TOTAL, "failed"))

    assert books(paid, session) == ("disputed", 0, [("provider", "failed", TOTAL)])
    settle_dispute(session, disputed(paid, "won", withdrawn=False))
    assert books(paid, session)[1:] == (TOTAL, [("provider", "failed", TOTAL), ("shop", "owed", TOTAL)])


def test_one_of_ours_that_fails_waits_for_an_operator(session: Session, paid: Sale) -> None:
    cancel(session, orders.lock(session, paid.order_id), reason="buyer")
    ((refund_id,),) = rows("SELECT id FROM refunds", session)

    settle_refund(session, reported(paid, TOTAL, "failed", refund_id=refund_id))

    assert books(paid, session) == ("paid", 0, [("shop", "failed", TOTAL)])
