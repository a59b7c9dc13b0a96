"""What a decision about a review may not do: leave money unwatched, or count it twice."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.orders import services as orders
from app.payments.gateway.protocol import SESSION, ProviderPayment
from app.payments.services import payments, reviews
from app.settlement.errors import NotResolvable
from app.settlement.services import resolve, settle, settle_refund
from tests.database import rows
from tests.refunds import owe, reported
from tests.sales import HOLDS, PAID, PENDING, TOTAL, Sale, make_sale, state

REVIEW = replace(PENDING, order=("pending", "review", None), payments=["review"])


def decide(session: Session, sale: Sale, seen: ProviderPayment | None, decision: str, object_id: str) -> None:
    """An admin decides about this object; the provider has just said how it is."""
    ((review_id,),) = rows("SELECT id FROM payment_reviews WHERE object_id = :id", session, id=object_id)
    order = orders.lock(session, sale.order_id)
    payment, review = payments.lock(session, sale.payment_id), reviews.lock(session, review_id)
    resolve(session, order, payment, review, seen, decision=decision, note=None)
    session.flush()


def money(session: Session) -> list[tuple[Any, ...]]:
    """What the payments have taken, and what goes back of it."""
    return rows("SELECT captured_amount, refunded_amount FROM payments", session)


@pytest.mark.parametrize(
    ("status", "why"), [("requires_payment_method", "can still be paid"), ("processing", "still working")]
)
def test_an_object_that_can_still_bring_money_stays_in_review(
    session: Session, status: str, why: str
) -> None:
    sale = make_sale(session)
    payable = sale.seen(status, amount=5000)
    settle(session, payable, holds=HOLDS)

    with pytest.raises(NotResolvable, match=why):
        decide(session, sale, payable, "refund", sale.provider_id)

    assert state(sale, session) == REVIEW
    paid = sale.seen("succeeded", amount=5000, amount_received=5000)
    decide(session, sale, paid, "refund", sale.provider_id)
    assert money(session) == [(5000, 5000)]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(
    ("decision", "end", "taken"),
    [("refund", ("cancelled", "paid", "admin"), (5000, 5000)), ("accept", PAID.order, (5000, 5000 - TOTAL))],
)
def test_money_that_is_in_review_by_its_page_and_by_its_intent_counts_once(
    session: Session, first: int, decision: str, end: tuple[str, ...], taken: tuple[int, int]
) -> None:
    sale = make_sale(session, flow=SESSION)
    page = {"amount": 5000, "session_id": sale.session_id}
    settle(session, sale.seen("requires_payment_method", provider_id=None, **page), holds=HOLDS)
    settle(session, sale.seen("succeeded", amount=5000, amount_received=5000), holds=HOLDS)
    seen = sale.seen("succeeded", amount_received=5000, **page)
    objects = [sale.session_id, sale.provider_id]

    decide(session, sale, seen, decision, objects[first])
    decide(session, sale, seen, "refund", objects[1 - first])

    assert state(sale, session).order == end
    assert money(session) == [taken]


def test_a_refund_in_review_says_nothing_about_the_payment(session: Session) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("succeeded"), holds=HOLDS)
    refund_id = owe(session, sale, 500)
    settle_refund(session, reported(sale, 501, refund_id=refund_id))

    settle(session, sale.seen("succeeded", amount_received=1), holds=HOLDS)

    assert rows("SELECT concerns FROM payment_reviews ORDER BY id", session) == [("refund",), ("payment",)]


def test_a_refund_in_review_can_only_be_accepted_as_it_is(session: Session) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("succeeded"), holds=HOLDS)
    settle_refund(session, reported(sale, 501, refund_id=owe(session, sale, 500)))
    decided = "SELECT object_id, decision FROM payment_reviews"
    before = money(session)

    with pytest.raises(NotResolvable, match="nothing to give back"):
        decide(session, sale, None, "refund", "re_1")
    assert rows(decided, session) == [("re_1", None)]
    decide(session, sale, None, "accept", "re_1")

    assert rows(decided, session) == [("re_1", "accept")]
    assert (money(session), state(sale, session).order) == (before, PAID.order)
