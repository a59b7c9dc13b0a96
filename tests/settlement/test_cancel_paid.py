"""Calling off a paid order: the money is owed back, the goods are on the shelf, and nothing of it is sent."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.fulfillment import services as fulfillment
from app.inventory import services as inventory
from app.invoicing.services import issuing
from app.ops.services import doctor
from app.orders import services as orders
from app.orders.errors import IllegalTransition
from app.payments.services import payments, refunds
from app.payments.services.refunds import Units
from app.platform.db import transaction
from app.settlement.services import RefundWish, cancel, give_back, settle, settle_refund
from tests.buyers import Purchase, make_buyer
from tests.database import change, count, rows
from tests.invoicing.making import OFFICE, invoice_of
from tests.refunds import reported
from tests.sales import HOLDS, PAID, TOTAL, Sale, make_sale, state, topics
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain

CALLED_OFF = replace(
    PAID,
    order=("cancelled", "paid", "buyer"),
    reservations=["released"],
    stock=(5, 0),
    refunds=[("owed", TOTAL, "USD", "cancelled")],
)
PARCELS = "SELECT DISTINCT status FROM fulfillments"
RETURNED = "SELECT sum(change) FROM stock_movements WHERE reason = 'returned'"


@pytest.fixture
def paid(bought: Purchase, client: FlaskClient, stripe: StandIn) -> Purchase:
    """A paid order that its seller has."""
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    return bought


@pytest.fixture
def sale(session: Session) -> Sale:
    """A paid order; what follows from that is still to do."""
    sale = make_sale(session)
    settle(session, sale.seen("succeeded"), holds=HOLDS)
    return sale


def call_off(session: Session, sale: Sale) -> None:
    """The buyer cancels."""
    cancel(session, orders.lock(session, sale.order_id), reason="buyer")


def pack(paid: Purchase) -> None:
    """The goods are in their parcels."""
    with transaction() as session:
        fulfillment.advance(session, paid.order_id, "packed")


def test_the_buyer_gets_money_back_and_the_shelf_its_goods(paid: Purchase) -> None:
    answer = paid.buyer.post(f"/v1/orders/{paid.order_id}/cancel")

    body = answer.get_json()
    assert (answer.status_code, body["status"], body["cancel_reason"]) == (200, "cancelled", "buyer")
    assert [parcel["status"] for parcel in body["parcels"]] == ["cancelled"]
    assert state(paid) == CALLED_OFF
    assert (rows(PARCELS), rows(RETURNED)) == ([("cancelled",)], [(2,)])
    assert topics(paid)[-2:] == ["refunds.owed", "orders.cancelled"]
    mails = "SELECT count(*) FROM deliveries WHERE consumer = 'notifications.paid_order_cancelled'"
    assert rows(mails) == [(1,)]


def test_repeating_has_the_same_answer_and_changes_nothing(paid: Purchase) -> None:
    first = paid.buyer.post(f"/v1/orders/{paid.order_id}/cancel")
    before = state(paid), count("events"), count("stock_movements")

    again = paid.buyer.post(f"/v1/orders/{paid.order_id}/cancel")

    assert (again.status_code, again.get_json()) == (200, first.get_json())
    assert (state(paid), count("events"), count("stock_movements")) == before


def test_work_that_follows_from_the_payment_makes_no_parcels_of_a_cancelled_order(
    session: Session, sale: Sale
) -> None:
    call_off(session, sale)

    fulfillment.open_for_order(session, sale.order_id)

    assert count("fulfillments", session) == 0
    assert "orders.finalized" not in topics(sale, session)
    assert state(sale, session) == CALLED_OFF


def test_what_went_back_already_does_not_go_back_again(session: Session, sale: Sale) -> None:
    refunds.owe(session, payments.lock(session, sale.payment_id), amount=700, currency="USD", reason="r")
    one = {sale.product.variant_id: 1}
    inventory.take_back(session, holder_id=sale.order_id, quantities=one, reference="a refund")

    call_off(session, sale)

    assert state(sale, session) == replace(
        CALLED_OFF, refunds=[("owed", 700, "USD", "r"), ("owed", TOTAL - 700, "USD", "cancelled")]
    )
    assert rows("SELECT returned FROM reservations", session) == [(2,)]
    assert rows("SELECT captured_amount - refunded_amount FROM payments", session) == [(0,)]
    assert rows(RETURNED, session) == [(2,)]


def test_what_a_refund_has_said_is_not_for_sale_again_stays_off_the_shelf(
    session: Session, sale: Sale
) -> None:
    """One of two lamps is broken: its price went back, it did not."""
    order = orders.lock(session, sale.order_id)
    broken = [Units(order.lines[0].id, 1, restock=False)]
    give_back(session, order, RefundWish(None, "product_unacceptable", None, broken))
    session.flush()

    call_off(session, sale)

    assert state(sale, session).stock == (4, 0)
    assert rows(RETURNED, session) == [(1,)]
    assert doctor.broken(doctor.examine(session)) == []


def test_what_was_broken_stays_off_the_shelf_also_when_its_refund_has_failed(
    session: Session, sale: Sale
) -> None:
    order = orders.lock(session, sale.order_id)
    broken = [Units(order.lines[0].id, 1, restock=False)]
    refund = give_back(session, order, RefundWish(None, "product_unacceptable", None, broken))
    session.flush()
    settle_refund(session, reported(sale, refund.amount, "failed", refund_id=refund.id))

    call_off(session, sale)

    assert state(sale, session).stock == (4, 0)
    assert rows(RETURNED, session) == [(1,)]
    assert rows("SELECT captured_amount - refunded_amount FROM payments", session) == [(0,)]
    assert doctor.broken(doctor.examine(session)) == []


def test_an_order_whose_money_is_all_on_its_way_back_can_still_be_called_off(
    session: Session, sale: Sale
) -> None:
    refunds.owe(session, payments.lock(session, sale.payment_id), amount=TOTAL, currency="USD", reason="r")

    call_off(session, sale)

    assert state(sale, session) == replace(CALLED_OFF, refunds=[("owed", TOTAL, "USD", "r")])


def test_a_buyer_cannot_call_off_what_is_packed(paid: Purchase) -> None:
    pack(paid)
    before = state(paid), count("events")

    answer = paid.buyer.post(f"/v1/orders/{paid.order_id}/cancel")

    assert (answer.status_code, answer.get_json()["order_status"]) == (409, "packed")
    assert answer.get_json()["detail"] == "The order is packed: only the shop can still cancel it."
    assert (state(paid), count("events"), rows(PARCELS)) == (*before, [("packed",)])


@pytest.mark.parametrize(("body", "on_hand"), [(None, 5), ({"restock": True}, 5), ({"restock": False}, 3)])
def test_the_shop_can_and_says_whether_packed_goods_are_for_sale_again(
    paid: Purchase, client: FlaskClient, body: dict[str, bool] | None, on_hand: int
) -> None:
    pack(paid)

    answer = make_buyer(client, role="admin").post(f"/v1/orders/{paid.order_id}/cancel", body)

    assert (answer.status_code, answer.get_json()["parcels"][0]["status"]) == (200, "cancelled")
    by_admin = replace(CALLED_OFF, order=("cancelled", "paid", "admin"), stock=(on_hand, 0))
    assert state(paid) == by_admin
    assert count("stock_movements WHERE reason = 'returned'") == (on_hand == 5)


def test_what_becomes_of_the_goods_is_no_buyers_to_say(paid: Purchase) -> None:
    answer = paid.buyer.post(f"/v1/orders/{paid.order_id}/cancel", {"restock": False})

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["restock"])
    assert state(paid) == PAID


@pytest.mark.parametrize("status", ["shipped", "delivered"])
def test_what_has_left_the_house_cannot_be_called_off(
    paid: Purchase, client: FlaskClient, status: str
) -> None:
    change("UPDATE orders SET status = :status", status=status)
    events = count("events")

    for who in (paid.buyer, make_buyer(client, role="admin")):
        answer = who.post(f"/v1/orders/{paid.order_id}/cancel")
        assert (answer.status_code, answer.get_json()["order_status"]) == (409, status)

    assert (state(paid), count("events")) == (replace(PAID, order=(status, "paid", None)), events)


def test_money_that_is_being_checked_is_an_operators_decision(session: Session, sale: Sale) -> None:
    change("UPDATE orders SET payment_status = 'review'", session)

    with pytest.raises(IllegalTransition, match="being checked"):
        call_off(session, sale)

    assert state(sale, session) == replace(PAID, order=("paid", "review", None))


def dispute(session: Session, status: str, *, withdrawn: bool, amount: int = TOTAL) -> None:
    """The buyer's bank asks for the money back, or has got it."""
    change(
        "INSERT INTO disputes (id, order_id, payment_id, provider_id, status, reason, amount, currency,"
        " withdrawn, opened_at, closed_at)"
        " SELECT gen_random_uuid(), order_id, id, 'du_1', :status, 'fraudulent', :amount, currency,"
        " :withdrawn, now(), CASE :status WHEN 'open' THEN NULL ELSE now() END FROM payments",
        session,
        status=status,
        withdrawn=withdrawn,
        amount=amount,
    )


def test_money_that_a_bank_asks_back_is_not_given_back_twice(session: Session, sale: Sale) -> None:
    dispute(session, "open", withdrawn=True)

    with pytest.raises(IllegalTransition, match="disputed"):
        call_off(session, sale)

    assert state(sale, session) == replace(PAID, disputes=[("open", True)])


def test_money_that_a_bank_has_given_back_itself_is_not_owed_once_more(session: Session, sale: Sale) -> None:
    dispute(session, "lost", withdrawn=True)

    call_off(session, sale)

    assert state(sale, session) == replace(CALLED_OFF, refunds=[], disputes=[("lost", True)])


def test_what_a_bank_has_left_of_the_money_is_owed(session: Session, sale: Sale) -> None:
    dispute(session, "lost", withdrawn=True, amount=TOTAL - 400)

    call_off(session, sale)

    assert state(sale, session).refunds == [("owed", 400, "USD", "cancelled")]


def test_late_money_is_called_off_as_any(session: Session, sale: Sale) -> None:
    late = make_sale(session)
    order = orders.lock(session, late.order_id)
    settle(session, late.seen("canceled"), holds=HOLDS)
    cancel(session, order, reason="expired")
    settle(session, late.seen("succeeded"), holds=HOLDS)

    call_off(session, late)

    assert state(late, session) == replace(CALLED_OFF, reservations=["released", "released"])
    assert state(sale, session) == PAID


@pytest.mark.parametrize("finalized", [False, True])
@pytest.mark.parametrize("restock", [False, True])
def test_the_books_are_healthy_whenever_and_however_it_was_called_off(
    session: Session, sale: Sale, *, finalized: bool, restock: bool
) -> None:
    if finalized:
        fulfillment.open_for_order(session, sale.order_id)
    order = orders.lock(session, sale.order_id)
    cancel(session, order, reason="admin", as_operator=True, restock=restock)
    ((refund_id,),) = rows("SELECT id FROM refunds", session)
    settle_refund(session, reported(sale, TOTAL, refund_id=refund_id))
    for document in (invoice_of(session, sale), issuing.issue_credit_note(session, refund_id, office=OFFICE)):
        assert document is not None
        issuing.record_rendered(session, document.id, sha256="of a file", byte_size=1)
    change("UPDATE deliveries SET state = 'done', done_at = now(), lease_until = NULL", session)

    found = [doctor.broken(doctor.examine(session, at_rest=at_rest)) for at_rest in (False, True)]

    assert found == [[], []]
