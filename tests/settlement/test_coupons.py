"""What becomes of an order's coupon when its money comes, late or not at all."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.carts import services as carts
from app.checkout import services as checkout
from app.orders import services as orders
from app.payments.gateway.protocol import ProviderPayment
from app.payments.models import PaymentReview
from app.payments.services import payments
from app.platform.party import Party
from app.settlement import services
from app.settlement.errors import NotResolvable
from app.settlement.services import Outcome, reviewing, settle
from tests.coupons import CODE, counters, make_coupon, use_of
from tests.database import change, rows
from tests.factories import make_product, make_user
from tests.sales import HOLDS, PAID, RULES, TERMS, Sale, state, topics, wish

TOTAL = 2483
"""Two units at 10.00 less ten percent, 4.99 for shipping, and 8 percent of tax on both."""


def make_sale(session: Session, user_id: UUID | None = None) -> Sale:
    """A pending order with the coupon, and an open intent."""
    user_id, product = user_id or make_user(session).id, make_product(session, price=1000, stock=5)
    carts.clear(session, Party(user_id))
    carts.add(session, Party(user_id), rules=RULES, variant_id=product.variant_id, quantity=2)
    placed = checkout.place(session, buyer=Party(user_id), wish=wish(coupon=CODE), terms=TERMS)
    assert placed.opening is not None
    assert placed.payment_id is not None
    sale = Sale(user_id, product, placed.order_id, placed.payment_id, placed.opening)
    opened = sale.seen("requires_payment_method", amount=TOTAL)
    payments.record_opened(session, payments.lock(session, sale.payment_id), opened)
    return sale


def succeeded(sale: Sale, **more: int) -> ProviderPayment:
    return sale.seen("succeeded", **{"amount": TOTAL, "amount_received": TOTAL} | more)


def expire(session: Session, sale: Sale) -> None:
    """The provider has closed the payment, and the order's hold is over."""
    settle(session, sale.seen("canceled", amount=TOTAL), holds=HOLDS)
    services.end(session, orders.lock(session, sale.order_id), reason="expired")


def of_coupon(sale: Sale, session: Session) -> list[str]:
    return [topic for topic in topics(sale, session) if topic.startswith("pricing.")]


def test_a_use_is_reserved_used_and_given_back_as_often_as_it_is_said(session: Session) -> None:
    make_coupon(session, uses_limit=1)
    sale = make_sale(session)
    assert counters(session) == (1, 0)

    assert settle(session, succeeded(sale), holds=HOLDS) is Outcome.APPLIED
    assert settle(session, succeeded(sale), holds=HOLDS) is Outcome.UNCHANGED
    assert (counters(session), use_of(sale.order_id, session)) == ((0, 1), [("used", 200)])

    for _ in range(2):
        services.cancel(session, orders.lock(session, sale.order_id), reason="buyer")

    assert (counters(session), use_of(sale.order_id, session)) == ((0, 0), [("released", 200)])
    assert rows("SELECT reserved, used FROM coupon_customers", session) == [(0, 0)]
    assert of_coupon(sale, session) == [
        "pricing.coupon_reserved",
        "pricing.coupon_used",
        "pricing.coupon_released",
    ]


def test_late_money_gets_the_use_that_is_still_there_whatever_else_the_coupon_asks_for(
    session: Session,
) -> None:
    coupon = make_coupon(session, uses_limit=1, customer_limit=1)
    sale = make_sale(session)
    expire(session, sale)
    assert counters(session) == (0, 0)
    coupon.active = False

    settle(session, succeeded(sale), holds=HOLDS)

    assert state(sale, session).order == PAID.order
    assert (counters(session), use_of(sale.order_id, session)) == ((0, 1), [("used", 200)])
    assert rows("SELECT reserved, used FROM coupon_customers", session) == [(0, 1)]


@pytest.mark.parametrize("limit", ["uses_limit", "customer_limit"])
def test_late_money_is_owed_back_when_the_use_is_gone_and_the_stock_stays_free(
    session: Session, limit: str
) -> None:
    limits: dict[str, Any] = {limit: 1}
    make_coupon(session, **limits)
    sale = make_sale(session)
    expire(session, sale)
    other = make_sale(session, sale.user_id)

    settle(session, succeeded(sale), holds=HOLDS)

    after = state(sale, session)
    assert after.order == ("cancelled", "paid", "unavailable")
    assert (after.stock, after.reservations) == ((5, 0), ["released"])
    assert after.refunds == [("owed", TOTAL, "USD", "unavailable")]
    assert (counters(session), use_of(sale.order_id, session)) == ((1, 0), [("released", 200)])
    assert use_of(other.order_id, session) == [("reserved", 200)]


def test_a_review_is_not_accepted_when_the_use_is_gone(session: Session) -> None:
    make_coupon(session, uses_limit=1)
    sale = make_sale(session)
    too_much = succeeded(sale, amount=TOTAL + 1, amount_received=TOTAL + 1)
    settle(session, too_much, holds=HOLDS)
    services.end(session, orders.lock(session, sale.order_id), reason="expired")
    make_sale(session)
    review = session.scalars(select(PaymentReview)).one()
    order, payment = orders.lock(session, sale.order_id), payments.lock(session, sale.payment_id)

    with pytest.raises(NotResolvable, match="coupon"):
        reviewing.resolve(session, order, payment, review, too_much, decision="accept", note=None)

    assert (counters(session), state(sale, session).stock) == ((1, 0), (5, 0))


def test_holds_that_end_together_give_all_their_coupons_back(session: Session) -> None:
    make_coupon(session)
    sales = [make_sale(session) for _ in range(3)]
    change("UPDATE payments SET status = 'cancelled'", session)
    change("UPDATE orders SET hold_until = now() - interval '1 second'", session)

    services.expire_due(session)
    services.expire_due(session)

    assert counters(session) == (0, 0)
    assert [use_of(sale.order_id, session) for sale in sales] == [[("released", 200)]] * 3
    assert rows("SELECT DISTINCT reserved, used FROM coupon_customers", session) == [(0, 0)]
    assert [of_coupon(sale, session)[1:] for sale in sales] == [["pricing.coupon_released"]] * 3
