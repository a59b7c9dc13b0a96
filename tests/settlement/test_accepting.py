"""Accepting what is in review: what was missing for it is had first."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.inventory import services as inventory
from app.orders import services as orders
from app.payments.gateway.protocol import ProviderPayment
from app.payments.models import PaymentReview
from app.payments.services import payments
from app.platform.ids import new_id
from app.settlement import services
from app.settlement.errors import NotResolvable
from app.settlement.services import reviewing, settle
from tests.database import rows
from tests.sales import HOLDS, PAID, TOTAL, Sale, make_sale, state

MORE = {"amount": TOTAL + 1, "amount_received": TOTAL + 1}


def in_review(session: Session, sale: Sale) -> ProviderPayment:
    """A cent too much has come."""
    seen = sale.seen("succeeded", **MORE)
    settle(session, seen, holds=HOLDS)
    assert state(sale, session).payments == ["review"]
    return seen


def accept(session: Session, sale: Sale, seen: ProviderPayment) -> None:
    order, payment = orders.lock(session, sale.order_id), payments.lock(session, sale.payment_id)
    review = session.scalars(select(PaymentReview).where(PaymentReview.object_id == seen.object_id)).one()
    reviewing.resolve(session, order, payment, review, seen, decision="accept", note=None)


def test_a_payment_that_did_not_know_its_object_knows_it_then(session: Session) -> None:
    sale = make_sale(session, opened=False)

    accept(session, sale, in_review(session, sale))

    assert rows("SELECT provider_id, status FROM payments", session) == [(sale.provider_id, "succeeded")]
    assert state(sale, session).order == PAID.order


def test_what_else_waits_for_a_decision_still_shows(session: Session) -> None:
    sale = make_sale(session)
    seen = in_review(session, sale)
    settle(session, sale.seen("succeeded", provider_id="pi_another"), holds=HOLDS)

    accept(session, sale, seen)

    after = state(sale, session)
    assert (after.order, after.stock) == (("paid", "review", None), PAID.stock)
    assert rows("SELECT object_id FROM payment_reviews WHERE decision IS NULL", session) == [("pi_another",)]


def test_an_order_that_has_expired_has_its_stock_once_more(session: Session) -> None:
    sale = make_sale(session)
    seen = in_review(session, sale)
    services.end(session, orders.lock(session, sale.order_id), reason="expired")

    accept(session, sale, seen)

    after = state(sale, session)
    assert (after.order, after.stock, after.reservations) == (PAID.order, (3, 0), ["released", "committed"])
    assert after.refunds == [("owed", 1, "USD", "overpaid")]


def test_without_stock_an_order_that_has_expired_is_not_accepted(session: Session) -> None:
    sale = make_sale(session)
    seen = in_review(session, sale)
    services.end(session, orders.lock(session, sale.order_id), reason="expired")
    inventory.reserve(session, holder_id=new_id(), quantities={sale.product.variant_id: 4})
    before = state(sale, session)

    with pytest.raises(NotResolvable):
        accept(session, sale, seen)

    assert state(sale, session) == before
