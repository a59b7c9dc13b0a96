"""The states of orders, payments and refunds: what the tables allow, and what the database refuses."""

from itertools import product

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.orders import services as orders
from app.orders import states as order_states
from app.orders.errors import IllegalTransition
from app.payments import states as payment_states
from app.payments.errors import IllegalPaymentMove, IllegalRefundMove
from app.payments.services import payments
from app.platform.errors import NotFound
from app.platform.ids import new_id
from app.platform.problems import of_app_error
from tests.database import change, rows
from tests.sales import PENDING, make_sale, state

LEGAL = {
    ("pending", "paid"),
    ("pending", "cancelled"),
    ("paid", "packed"),
    ("paid", "cancelled"),
    ("packed", "shipped"),
    ("packed", "delivered"),
    ("packed", "cancelled"),
    ("shipped", "delivered"),
    ("cancelled", "paid"),
}
LEGAL_FOR_PAYMENTS = {
    *(("creating", target) for target in ("open", "processing", "succeeded", "cancelled", "review")),
    *(("open", target) for target in ("processing", "succeeded", "cancelled", "review")),
    *(("processing", target) for target in ("open", "succeeded", "cancelled", "review")),
    *(("cancelled", target) for target in ("succeeded", "review")),
    *(("review", target) for target in ("succeeded", "cancelled")),
}


@pytest.mark.parametrize("move", sorted(product(order_states.MOVES, repeat=2)), ids="-".join)
def test_an_order_moves_as_the_table_says(session: Session, move: tuple[str, str]) -> None:
    order = orders.lock(session, make_sale(session).order_id)
    vars(order)["status"], target = move

    if move in LEGAL:
        orders.move(order, target)
        assert order.status == target
    else:
        with pytest.raises(IllegalTransition) as caught:
            orders.move(order, target)
        assert (caught.value.extra, order.status) == ({"order_status": move[0]}, move[0])


@pytest.mark.parametrize("move", sorted(product(payment_states.MOVES, repeat=2)), ids="-".join)
def test_a_payment_moves_as_the_table_says(session: Session, move: tuple[str, str]) -> None:
    payment = payments.lock(session, make_sale(session).payment_id)
    vars(payment)["status"], target = move

    if move in LEGAL_FOR_PAYMENTS:
        payments.move(payment, target)
        assert payment.status == target
        assert (payment.client_secret is None) == (target not in ("open", "processing", "creating"))
    else:
        with pytest.raises(IllegalPaymentMove):
            payments.move(payment, target)
        assert payment.status == move[0]


LEGAL_FOR_REFUNDS = {
    *(("owed", target) for target in ("pending", "succeeded", "failed")),
    *(("pending", target) for target in ("succeeded", "failed")),
    ("succeeded", "failed"),
    *(("failed", target) for target in ("pending", "succeeded")),
}


@pytest.mark.parametrize("move", sorted(product(payment_states.REFUND_MOVES, repeat=2)), ids="-".join)
def test_a_refund_moves_as_the_table_says(move: tuple[str, str]) -> None:
    if move in LEGAL_FOR_REFUNDS:
        payment_states.check_refund_move(*move)
    else:
        with pytest.raises(IllegalRefundMove) as caught:
            payment_states.check_refund_move(*move)
        assert caught.value.extra == {"refund_status": move[0]}


def test_an_illegal_move_is_a_conflict_that_names_the_present_status(app: Flask) -> None:
    with app.test_request_context():
        refused = of_app_error(IllegalTransition("No.", order_status="paid"))

    assert refused.status_code == 409
    assert b'"status":409' in refused.data
    assert b'"order_status":"paid"' in refused.data


REFUSED = {
    "unknown status": "UPDATE orders SET status = 'lost'",
    "unknown payment status": "UPDATE orders SET payment_status = 'lost'",
    "unknown fulfilment status": "UPDATE orders SET fulfillment_status = 'lost'",
    "cancelled without a reason": "UPDATE orders SET status = 'cancelled'",
    "a reason without being cancelled": "UPDATE orders SET cancel_reason = 'buyer'",
    "an unknown reason": "UPDATE orders SET status = 'cancelled', cancel_reason = 'whim'",
    "paid without a moment": "UPDATE orders SET status = 'paid'",
    "a total that does not add up": "UPDATE orders SET total_amount = total_amount + 1",
    "a negative amount": "UPDATE orders SET discount_amount = -1, total_amount = total_amount + 1",
    "a line that does not add up": "UPDATE order_lines SET line_total_amount = 1",
    "a line of nothing": "UPDATE order_lines SET quantity = 0, line_total_amount = 0",
    "a negative price": "UPDATE order_lines SET unit_price_amount = -1, line_total_amount = -quantity",
    "an unknown payment state": "UPDATE payments SET status = 'lost'",
    "a negative payment": "UPDATE payments SET amount = -1",
    "succeeded without a moment": "UPDATE payments SET status = 'succeeded'",
    "a moment without success": "UPDATE payments SET succeeded_at = now()",
    "a second live payment": """
        INSERT INTO payments (id, order_id, provider, flow, amount, currency, idempotency_key, parameters)
        SELECT gen_random_uuid(), order_id, provider, flow, amount, currency, 'another', parameters
        FROM payments""",
    "a second pending order of the cart": """
        INSERT INTO orders (id, number, email, locale, cart_id, cart_fingerprint, currency, subtotal_amount,
            discount_amount, shipping_amount, tax_amount, total_amount, shipping_address, billing_address,
            shipping_method, shipping_method_name, shipping_estimate, hold_until)
        SELECT gen_random_uuid(), 'another', email, locale, cart_id, cart_fingerprint, currency,
            subtotal_amount, discount_amount, shipping_amount, tax_amount, total_amount, shipping_address,
            billing_address, shipping_method, shipping_method_name, shipping_estimate, hold_until
        FROM orders""",
    "a refund of nothing": """
        INSERT INTO refunds (id, order_id, payment_id, amount, currency, reason, idempotency_key)
        SELECT gen_random_uuid(), order_id, id, 0, currency, 'x', 'x' FROM payments""",
    "an unknown refund state": """
        INSERT INTO refunds (id, order_id, payment_id, amount, currency, reason, idempotency_key, status)
        SELECT gen_random_uuid(), order_id, id, 1, currency, 'x', 'x', 'lost' FROM payments""",
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_database_itself_refuses(session: Session, what: str) -> None:
    sale = make_sale(session)

    with pytest.raises(IntegrityError), session.begin_nested():
        change(REFUSED[what], session)

    assert state(sale, session) == PENDING


def test_the_number_is_of_the_databases_day_in_utc(session: Session) -> None:
    make_sale(session)

    ((number, day),) = rows("SELECT number, to_char(now(), 'YYYYMMDD') FROM orders", session)
    assert number[:13] == f"ORD-{day}-"
    assert set(number[13:]) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert len(number) == 19


def test_a_number_that_is_taken_is_drawn_again(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter("AAAAAAAAAAAABBBBBB")
    monkeypatch.setattr("app.orders.services.placing.secrets.choice", lambda _: next(drawn))

    make_sale(session)
    make_sale(session)

    numbers = rows("SELECT right(number, 6) FROM orders ORDER BY id", session)
    assert numbers == [("AAAAAA",), ("BBBBBB",)]


def test_there_is_no_order_behind_an_unknown_id(session: Session) -> None:
    with pytest.raises(NotFound):
        orders.lock(session, new_id())
