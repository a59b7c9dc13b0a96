"""Money that nobody waits for any more: the stock is had once more, or the money is owed back."""

from dataclasses import replace

from sqlalchemy.orm import Session

from app.inventory import services as inventory
from app.orders import services as orders
from app.payments.gateway.protocol import INTENT
from app.payments.services import opening
from app.payments.services.parameters import Payable, Way
from app.platform import db
from app.platform.ids import new_id
from app.settlement import services
from app.settlement.services import Outcome, settle
from app.settlement.services.disputing import settle_dispute
from tests.database import rows
from tests.factories import add_stock
from tests.sales import EXPIRED, HOLDS, PAID, PAYMENT_TERMS, TOTAL, Sale, make_sale, state, topics
from tests.steps import disputed
from tests.stories import tried_again_after

OWED = ("owed", TOTAL, "USD")


def end(session: Session, sale: Sale, reason: str) -> None:
    """The order was ended, and its stock given back."""
    settle(session, sale.seen("canceled"), holds=HOLDS)
    services.end(session, orders.lock(session, sale.order_id), reason=reason)


def pay_twice(session: Session, sale: Sale) -> list[Outcome]:
    """The provider says, two times, that it has the money."""
    return [settle(session, sale.seen("succeeded"), holds=HOLDS) for _ in range(2)]


def test_money_after_the_expiry_gets_the_stock_that_is_still_there(session: Session) -> None:
    sale = make_sale(session)
    end(session, sale, "expired")
    assert state(sale, session) == EXPIRED

    assert pay_twice(session, sale) == [Outcome.APPLIED, Outcome.UNCHANGED]

    assert state(sale, session) == replace(PAID, reservations=["released", "committed"])
    assert topics(sale, session)[-2:] == ["payments.succeeded", "orders.paid"]
    assert rows("SELECT payload -> 'late' FROM events WHERE topic = 'orders.paid'", session) == [(True,)]
    assert rows("SELECT cancelled_at, paid_at = now() FROM orders", session) == [(None, True)]


def test_money_after_the_expiry_is_owed_back_when_the_stock_is_gone(session: Session) -> None:
    sale = make_sale(session)
    end(session, sale, "expired")
    inventory.reserve(session, holder_id=new_id(), quantities={sale.product.variant_id: 4})

    assert pay_twice(session, sale) == [Outcome.APPLIED, Outcome.UNCHANGED]

    after = state(sale, session)
    assert after.order == ("cancelled", "paid", "unavailable")
    assert (after.payments, after.reservations, after.stock) == (["succeeded"], ["released"], (5, 4))
    assert after.refunds == [(*OWED, "unavailable")]
    assert topics(sale, session)[-3:] == ["payments.succeeded", "orders.unavailable", "refunds.owed"]


def test_stock_that_comes_later_does_not_revive_an_order_whose_money_is_owed_back(session: Session) -> None:
    sale = make_sale(session)
    end(session, sale, "expired")
    inventory.reserve(session, holder_id=new_id(), quantities={sale.product.variant_id: 4})
    pay_twice(session, sale)
    before = state(sale, session)
    add_stock(session, sale.product.sku, 10)

    pay_twice(session, sale)

    assert state(sale, session) == replace(before, stock=(15, 4))


def test_money_after_the_buyer_gave_up_is_owed_back(session: Session) -> None:
    """Money that came after the shopper had cancelled was kept, without an order.

    woocommerce-gateway-stripe #5703.
    """
    sale = make_sale(session)
    end(session, sale, "buyer")

    assert pay_twice(session, sale) == [Outcome.APPLIED, Outcome.UNCHANGED]

    after = state(sale, session)
    assert after == replace(
        EXPIRED,
        order=("cancelled", "paid", "buyer"),
        payments=["succeeded"],
        refunds=[(*OWED, "cancelled")],
    )
    assert topics(sale, session)[-2:] == ["payments.succeeded", "refunds.owed"]


def test_money_while_the_buyer_is_giving_up_ends_the_order_and_is_owed_back(session: Session) -> None:
    sale = make_sale(session)
    services.cancel(session, orders.lock(session, sale.order_id), reason="buyer")

    assert pay_twice(session, sale) == [Outcome.APPLIED, Outcome.UNCHANGED]

    assert state(sale, session) == replace(
        EXPIRED,
        order=("cancelled", "paid", "buyer"),
        payments=["succeeded"],
        refunds=[(*OWED, "cancelled")],
    )
    assert "orders.paid" not in topics(sale, session)


def test_a_second_payment_of_a_paid_order_is_owed_back_alone(session: Session) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("canceled"), holds=HOLDS)
    payable = Payable(sale.order_id, "ORD-1", "ada@example.com", TOTAL, "USD")
    second = opening.create(session, payable, way=Way(INTENT), terms=PAYMENT_TERMS, moment=db.now(session))
    settle(session, sale.seen("succeeded", payment_id=second.id, provider_id="pi_second"), holds=HOLDS)

    assert pay_twice(session, sale) == [Outcome.APPLIED, Outcome.UNCHANGED]

    paid_twice = replace(PAID, payments=["succeeded", "succeeded"], refunds=[(*OWED, "surplus")])
    assert state(sale, session) == paid_twice
    assert rows("SELECT payment_id FROM refunds", session) == [(sale.payment_id,)]
    assert topics(sale, session).count("orders.paid") == 1


def test_late_money_does_not_hide_that_a_bank_has_got_other_money_of_the_order(session: Session) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("canceled"), holds=HOLDS)
    other = tried_again_after(session, sale)
    settle(session, other, holds=HOLDS)
    lost = disputed(sale, "lost", withdrawn=True, intent_id=other.provider_id)
    settle_dispute(session, lost)
    services.cancel(session, orders.lock(session, sale.order_id), reason="buyer")

    pay_twice(session, sale)

    after = state(sale, session)
    assert (after.order, after.refunds) == (("cancelled", "disputed", "buyer"), [(*OWED, "cancelled")])


def test_a_refund_has_its_key_before_anybody_calls_the_provider(session: Session) -> None:
    sale = make_sale(session)
    end(session, sale, "buyer")

    pay_twice(session, sale)

    ((refund_id, key, provider_id),) = rows("SELECT id, idempotency_key, provider_id FROM refunds", session)
    assert (key, provider_id) == (f"refund:{refund_id}", None)
