"""Facts that do not fit: nothing is accepted, the stock is kept, and an operator is told."""

import logging
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.payments.gateway.protocol import INTENT, SESSION, ProviderPayment
from app.payments.services import opening
from app.payments.services.parameters import Payable, Way
from app.platform.db import now
from app.platform.ids import new_id
from app.settlement.services import Outcome, settle
from tests.database import change, rows
from tests.sales import BANK, HOLDS, PAID, PAYMENT_TERMS, PENDING, TOTAL, Sale, make_sale, state, topics

REVIEW = replace(PENDING, order=("pending", "review", None), payments=["review"])
MISFITS = [
    ("amount", {"amount": 2698, "amount_received": 2698}),
    ("amount_received", {"amount_received": 2698}),
    ("currency", {"currency": "EUR"}),
    ("order_id", {"order_id": new_id()}),
    ("provider_id", {"provider_id": "pi_another"}),
]


@pytest.mark.parametrize(("reason", "values"), MISFITS, ids=[reason for reason, _ in MISFITS])
def test_money_that_does_not_fit_opens_a_review(
    session: Session, reason: str, values: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    sale = make_sale(session)

    with caplog.at_level(logging.ERROR):
        outcomes = [settle(session, sale.seen("succeeded", **values), holds=HOLDS) for _ in range(2)]

    assert outcomes == [Outcome.APPLIED, Outcome.UNCHANGED]
    assert state(sale, session) == REVIEW
    assert topics(sale, session)[2:] == ["orders.review_opened"]
    opened = "SELECT payload ->> 'reason' FROM events WHERE topic = 'orders.review_opened'"
    assert rows(opened, session) == [(reason,)]
    assert rows("SELECT hold_until = now() + interval '24 hours' FROM orders", session) == [(True,)]
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    came = sale.seen("succeeded", **values).amount_received
    assert rows("SELECT amount FROM payment_reviews", session) == [(came,)]


def test_the_page_of_another_payment_opens_a_review(session: Session) -> None:
    sale = make_sale(session, flow=SESSION)

    settle(session, sale.seen("succeeded", session_id="cs_another"), holds=HOLDS)

    assert state(sale, session) == REVIEW
    assert rows("SELECT reason, amount FROM payment_reviews", session) == [("session_id", TOTAL)]


def test_a_review_is_left_by_no_observation(session: Session) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("succeeded", amount=1, amount_received=1), holds=HOLDS)

    for status in ("succeeded", "processing", "requires_payment_method"):
        assert settle(session, sale.seen(status), holds=HOLDS) == Outcome.UNCHANGED

    assert state(sale, session) == REVIEW


def test_an_object_in_review_that_ended_without_money_leaves_the_order_payable(session: Session) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("requires_payment_method", amount=1), holds=HOLDS)

    assert settle(session, sale.seen("canceled", amount=1), holds=HOLDS) == Outcome.APPLIED

    assert state(sale, session) == replace(PENDING, payments=["cancelled"])


def test_an_unpaid_object_of_another_amount_is_a_review_too(session: Session) -> None:
    sale = make_sale(session)

    settle(session, sale.seen("requires_payment_method", amount=1), holds=HOLDS)

    assert state(sale, session) == REVIEW
    assert rows("SELECT amount FROM payment_reviews", session) == [(1,)]


def test_a_misfit_without_money_in_it_is_left_to_its_end(session: Session) -> None:
    sale = make_sale(session)

    outcome = settle(session, sale.seen("canceled", provider_id="pi_another"), holds=HOLDS)

    assert outcome == Outcome.UNCHANGED
    assert state(sale, session) == PENDING


def test_a_second_object_with_money_leaves_a_paid_order_paid_and_is_reviewed(session: Session) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("succeeded"), holds=HOLDS)

    settle(session, sale.seen("succeeded", provider_id="pi_another"), holds=HOLDS)

    assert state(sale, session) == replace(PAID, order=("paid", "review", None))
    assert topics(sale, session)[-1] == "orders.review_opened"


def test_a_review_never_shortens_a_hold(session: Session) -> None:
    sale = make_sale(session)
    change("UPDATE orders SET hold_until = now() + interval '30 hours'", session)

    settle(session, sale.seen("succeeded", currency="EUR"), holds=HOLDS)

    assert rows("SELECT hold_until = now() + interval '30 hours' FROM orders", session) == [(True,)]


@pytest.fixture
def sale(session: Session) -> Sale:
    """An order in review because of its first payment, which was closed; its second payment is open."""
    sale = make_sale(session)
    settle(session, sale.seen("canceled"), holds=HOLDS)
    payable = Payable(sale.order_id, "ORD-1", "ada@example.com", TOTAL, "USD")
    opening.create(session, payable, way=Way(INTENT), terms=PAYMENT_TERMS, moment=now(session))
    settle(session, second(session, sale, "requires_payment_method"), holds=HOLDS)
    settle(session, sale.seen("succeeded", amount_received=1), holds=HOLDS)
    assert state(sale, session) == replace(REVIEW, payments=["review", "open"])
    return sale


def second(session: Session, sale: Sale, status: str, **values: Any) -> ProviderPayment:
    """The object of the sale's second payment."""
    ((payment_id,),) = rows("SELECT id FROM payments WHERE id <> :id", session, id=sale.payment_id)
    return sale.seen(status, payment_id=payment_id, provider_id="pi_second", **values)


@pytest.mark.parametrize(
    ("statuses", "becomes"),
    [
        (["canceled"], "cancelled"),
        (["processing"], "processing"),
        (["processing", "requires_payment_method"], "open"),
    ],
)
def test_what_another_payment_does_meanwhile_ends_no_review(
    session: Session, sale: Sale, statuses: list[str], becomes: str
) -> None:
    for status in statuses:
        settle(session, second(session, sale, status, charge=BANK), holds=HOLDS)

    assert state(sale, session) == replace(REVIEW, payments=["review", becomes])


def test_when_another_payment_pays_the_provider_is_asked_about_the_one_in_review_and_its_money_owed_back(
    session: Session, sale: Sale
) -> None:
    settle(session, second(session, sale, "succeeded"), holds=HOLDS)
    asked = "SELECT payload ->> 'payment_id' FROM events WHERE topic = 'payments.confirm_requested'"
    assert rows(asked, session) == [(str(sale.payment_id),)]

    for _ in range(2):
        settle(session, sale.seen("succeeded", amount_received=1), holds=HOLDS)

    paid = replace(PAID, payments=["cancelled", "succeeded"], refunds=[("owed", 1, "USD", "review")])
    assert state(sale, session) == paid


def test_a_review_without_money_in_it_leaves_an_order_waiting_for_what_a_bank_works_on(
    session: Session, sale: Sale
) -> None:
    settle(session, second(session, sale, "processing", charge=BANK), holds=HOLDS)
    hold = rows("SELECT hold_until FROM orders", session)

    settle(session, sale.seen("canceled"), holds=HOLDS)

    works = replace(PENDING, order=("pending", "processing", None), payments=["cancelled", "processing"])
    assert (state(sale, session), rows("SELECT hold_until FROM orders", session)) == (works, hold)
    settle(session, second(session, sale, "requires_payment_method"), holds=HOLDS)
    assert state(sale, session) == replace(PENDING, payments=["cancelled", "open"])


def test_a_review_without_money_in_it_leaves_a_paid_order_paid(session: Session, sale: Sale) -> None:
    settle(session, second(session, sale, "succeeded"), holds=HOLDS)
    settle(session, sale.seen("canceled"), holds=HOLDS)

    assert state(sale, session) == replace(PAID, payments=["cancelled", "succeeded"])
