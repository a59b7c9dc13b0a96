"""One observation of the provider at a time, on a pending order: each branch, and each once more."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.orders import services as orders
from app.payments.gateway.protocol import ProviderPayment
from app.settlement import services
from app.settlement.services import Outcome, settle
from tests.database import change, rows
from tests.sales import BANK, DECLINE, EXPIRED, HOLDS, PAID, PENDING, VISA, Sale, make_sale, state, topics

OPENED = ["orders.placed", "payments.opened"]


def twice(session: Session, seen: ProviderPayment) -> list[Outcome]:
    """Settle the same observation two times; the outcomes."""
    return [settle(session, seen, holds=HOLDS) for _ in range(2)]


def hold_minutes(session: Session, sale: Sale) -> float:
    """For how long the order's stock is still held."""
    left = "SELECT extract(epoch FROM hold_until - now()) / 60 FROM orders WHERE id = :id"
    return round(float(rows(left, session, id=sale.order_id)[0][0]), 1)


def payment(session: Session, sale: Sale, columns: str) -> tuple[Any, ...]:
    """Columns of the sale's payment."""
    return rows(f"SELECT {columns} FROM payments WHERE id = :id", session, id=sale.payment_id)[0]  # noqa: S608  # the tests' own words


def test_money_makes_the_order_paid_and_its_stock_sold(session: Session) -> None:
    sale = make_sale(session)

    outcomes = twice(session, sale.seen("succeeded", charge=VISA))

    assert outcomes == [Outcome.APPLIED, Outcome.UNCHANGED]
    assert state(sale, session) == PAID
    assert topics(sale, session) == [*OPENED, "payments.succeeded", "orders.paid"]
    assert payment(session, sale, "method_kind, method_brand, method_last4") == ("card", "visa", "4242")
    assert payment(session, sale, "client_secret, succeeded_at = now()") == (None, True)
    assert rows("SELECT paid_at = now() FROM orders", session) == [(True,)]
    assert rows("SELECT change, reason, reference FROM stock_movements ORDER BY id", session)[1:] == [
        (-2, "sale", str(sale.order_id))
    ]


def test_money_is_found_by_our_id_before_the_opening_call_has_answered(session: Session) -> None:
    """Money was taken, and the order was never made.

    saleor #10925, medusa #12263, medusa #11832, mollie/PrestaShop #1510.
    """
    sale = make_sale(session, opened=False)

    outcomes = twice(session, sale.seen("succeeded"))

    assert outcomes == [Outcome.APPLIED, Outcome.UNCHANGED]
    assert state(sale, session) == PAID
    assert topics(sale, session) == [*OPENED, "payments.succeeded", "orders.paid"]
    assert payment(session, sale, "provider_id, client_secret") == (sale.provider_id, None)


def test_an_object_without_our_id_is_found_by_its_own(session: Session) -> None:
    sale = make_sale(session)

    settle(session, sale.seen("succeeded", payment_id=None, order_id=None), holds=HOLDS)

    assert state(sale, session) == PAID


def test_an_object_that_is_not_ours_changes_nothing(session: Session) -> None:
    sale = make_sale(session)
    foreign = sale.seen("succeeded", provider_id="pi_foreign", payment_id=None, order_id=None)

    assert twice(session, foreign) == [Outcome.UNMATCHED, Outcome.UNMATCHED]
    assert state(sale, session) == PENDING


def test_a_decline_leaves_the_order_payable_and_says_why(session: Session) -> None:
    """kanvas #197: a declined attempt was taken for the end of the payment."""
    sale = make_sale(session)
    declined = sale.seen("requires_payment_method", decline=DECLINE)

    twice(session, declined)

    assert state(sale, session) == PENDING
    assert payment(session, sale, "last_error ->> 'decline_code', client_secret IS NOT NULL") == (
        "insufficient_funds",
        True,
    )
    assert topics(sale, session) == [*OPENED, "payments.declined"]


def test_each_declined_attempt_is_one_event_even_for_the_same_reason(session: Session) -> None:
    sale = make_sale(session)

    for attempt in ("ch_1", "ch_2"):
        twice(session, sale.seen("requires_payment_method", decline=replace(DECLINE, attempt_id=attempt)))

    codes = rows("SELECT payload ->> 'code' FROM events WHERE topic = 'payments.declined'", session)
    assert codes == [("insufficient_funds",)] * 2


def test_money_after_a_decline_clears_the_reason(session: Session) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("requires_payment_method", decline=DECLINE), holds=HOLDS)

    settle(session, sale.seen("succeeded"), holds=HOLDS)

    assert state(sale, session) == PAID
    assert payment(session, sale, "last_error") == (None,)


BANKS = ("us_bank_account", "sepa_debit", "bacs_debit", "au_becs_debit", "customer_balance")


@pytest.mark.parametrize(
    ("charge", "minutes"),
    [(VISA, 15.0), (None, 15.0), *((replace(BANK, kind=kind), 7 * 24 * 60.0) for kind in BANKS)],
)
def test_processing_keeps_the_stock_as_long_as_the_method_may_take(
    session: Session, charge: Any, minutes: float
) -> None:
    sale = make_sale(session)
    change("UPDATE orders SET hold_until = now() + interval '1 minute'", session)

    outcomes = twice(session, sale.seen("processing", charge=charge))

    assert outcomes == [Outcome.APPLIED, Outcome.UNCHANGED]
    assert state(sale, session) == replace(
        PENDING, order=("pending", "processing", None), payments=["processing"]
    )
    assert hold_minutes(session, sale) == minutes
    assert topics(sale, session) == [*OPENED, "payments.processing", "orders.hold_extended"]


def test_processing_never_shortens_a_hold(session: Session) -> None:
    sale = make_sale(session)
    change("UPDATE orders SET hold_until = now() + interval '40 minutes'", session)

    settle(session, sale.seen("processing", charge=VISA), holds=HOLDS)

    assert hold_minutes(session, sale) == 40.0


def test_a_debit_that_fails_can_be_tried_again(session: Session) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("processing", charge=BANK), holds=HOLDS)

    twice(session, sale.seen("requires_payment_method", decline=DECLINE))

    assert state(sale, session) == PENDING
    assert topics(sale, session)[-1] == "payments.declined"
    settle(session, sale.seen("succeeded"), holds=HOLDS)
    assert state(sale, session) == PAID


@pytest.mark.parametrize(
    ("status", "payments"), [("requires_payment_method", ["open"]), ("canceled", ["cancelled"])]
)
def test_a_debit_that_fails_holds_the_stock_for_another_try_and_not_for_the_banks_week(
    session: Session, status: str, payments: list[str]
) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("processing", charge=BANK), holds=HOLDS)

    twice(session, sale.seen(status, decline=DECLINE))

    assert (state(sale, session), hold_minutes(session, sale)) == (replace(PENDING, payments=payments), 15.0)
    assert topics(sale, session).count("orders.hold_shortened") == 1


def test_an_order_that_ends_while_the_provider_works_on_the_money_is_unpaid(session: Session) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("processing", charge=BANK), holds=HOLDS)

    services.end(session, orders.lock(session, sale.order_id), reason="expired")

    assert state(sale, session) == EXPIRED


def test_a_card_that_fails_after_a_while_shortens_no_hold(session: Session) -> None:
    sale = make_sale(session)
    change("UPDATE orders SET hold_until = now() + interval '60 minutes'", session)
    settle(session, sale.seen("processing", charge=VISA), holds=HOLDS)

    settle(session, sale.seen("requires_payment_method", decline=DECLINE), holds=HOLDS)

    assert (state(sale, session), hold_minutes(session, sale)) == (PENDING, 60.0)


def test_a_cancelled_object_ends_the_payment_but_not_the_order(session: Session) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("processing"), holds=HOLDS)

    outcomes = twice(session, sale.seen("canceled"))

    assert outcomes == [Outcome.APPLIED, Outcome.UNCHANGED]
    assert state(sale, session) == replace(PENDING, payments=["cancelled"])
    assert payment(session, sale, "client_secret") == (None,)
    assert topics(sale, session)[-1] == "payments.cancelled"


@pytest.mark.parametrize("status", ["requires_payment_method", "processing", "canceled"])
def test_nothing_that_comes_late_takes_a_paid_order_back(session: Session, status: str) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("succeeded"), holds=HOLDS)
    before = topics(sale, session)

    twice(session, sale.seen(status, decline=DECLINE))

    assert state(sale, session) == PAID
    assert topics(sale, session) == before


def test_an_open_object_of_an_order_that_is_over_is_a_stray(session: Session) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("canceled"), holds=HOLDS)

    outcomes = twice(session, sale.seen("requires_action"))

    assert outcomes == [Outcome.STRAY, Outcome.STRAY]
    assert state(sale, session) == replace(PENDING, payments=["cancelled"])


def test_the_hold_is_not_touched_by_money_in_time(session: Session) -> None:
    sale = make_sale(session)

    settle(session, sale.seen("succeeded"), holds=replace(HOLDS, card=timedelta(days=1)))

    assert hold_minutes(session, sale) == 15.0
