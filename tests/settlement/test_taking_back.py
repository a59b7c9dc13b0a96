"""What is paid back for goods that came back: exactly those units, at what was paid for them, once."""

from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.settlement.services.giving import share
from tests.buyers import Buyer, make_buyer
from tests.database import change, count, rows
from tests.fulfillment.sending import Handed, act, do, handed, healthy, parcels, units
from tests.fulfillment.sending_back import asked, decide, delivered, lose_refunds, possible, refunded, take_in
from tests.stand_in import StandIn

TOTAL = 2699
"""Of two units at 10.00, 4.99 for shipping, and 8 percent of tax on both."""
SHIPPING = 539


@pytest.fixture
def sent(client: FlaskClient, stripe: StandIn) -> Handed:
    """An order of two units, delivered."""
    order = handed(client)
    delivered(order)
    return order


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    return make_buyer(client, "admin")


def refunds() -> list[tuple[int, int]]:
    """Amount, and what of it is for shipping, oldest first."""
    return [(row[0], row[1]) for row in rows("SELECT amount, shipping_amount FROM refunds ORDER BY id")]


def test_all_returns_and_shipping_together_come_to_what_was_paid(admin: Buyer, sent: Handed) -> None:
    for shipping in (True, True):
        back = asked(sent, _0=1)
        decide(admin, back, "approve")
        assert take_in(admin, sent, back, shipping=shipping).status_code == 200

    assert refunds() == [(1080 + SHIPPING, SHIPPING), (1080, 0)]
    assert sum(amount for amount, _ in refunds()) == TOTAL
    assert rows("SELECT captured_amount - refunded_amount FROM payments") == [(0,)]
    assert healthy()


def test_shipping_goes_back_once_though_its_first_refund_failed_and_is_retried(
    client: FlaskClient, stripe: StandIn, admin: Buyer
) -> None:
    sent = handed(client, sellers=2)
    delivered(sent)
    for _ in range(2):
        change("UPDATE refunds SET status = 'failed', failed_at = now()")
        change("UPDATE payments SET refunded_amount = 0")
        back = asked(sent, _0=1)
        decide(admin, back, "approve")
        assert take_in(admin, sent, back, shipping=True).status_code == 200
    ((failed,),) = rows("SELECT id FROM refunds WHERE status = 'failed'")

    again = admin.post(f"/v1/admin/refunds/{failed}/retry")

    assert again.status_code == 201
    assert refunds() == [(1080 + SHIPPING, SHIPPING), (1080 + SHIPPING, SHIPPING), (1080, 0)]
    assert rows("SELECT refunded_amount FROM payments") == [(2 * 1080 + SHIPPING,)]


def test_a_return_whose_refund_has_failed_says_that_nothing_goes_back_until_it_is_retried(
    admin: Buyer, sent: Handed
) -> None:
    back = asked(sent, _0=1)
    decide(admin, back, "approve")
    take_in(admin, sent, back)
    told = [refunded(sent)]

    for _ in range(2):
        lose_refunds()
        told.append(refunded(sent))
        ((last,),) = rows("SELECT id FROM refunds ORDER BY id DESC LIMIT 1")
        assert admin.post(f"/v1/admin/refunds/{last}/retry").status_code == 201
        told.append(refunded(sent))

    assert told == [[1080], [None], [1080], [None], [1080]]


def test_a_return_whose_refund_is_retried_over_less_says_so(admin: Buyer, sent: Handed) -> None:
    """What sending had cost has gone back with the other unit meanwhile."""
    for _ in range(2):
        lose_refunds()
        back = asked(sent, _0=1)
        decide(admin, back, "approve")
        take_in(admin, sent, back, shipping=True)
    ((failed,),) = rows("SELECT id FROM refunds WHERE status = 'failed'")
    before = refunded(sent)

    assert admin.post(f"/v1/admin/refunds/{failed}/retry").status_code == 201

    assert (before, refunded(sent)) == ([None, 1080 + SHIPPING], [1080, 1080 + SHIPPING])
    assert healthy()


def test_a_seller_decides_neither_about_shipping_nor_about_keeping_the_money(sent: Handed) -> None:
    (seller,) = sent.sellers
    back = asked(sent, _0=1)
    decide(seller, back, "approve")

    for more in ({"shipping": True}, {"refund": False}):
        assert take_in(seller, sent, back, **more).status_code == 403

    assert (refunds(), rows("SELECT status FROM returns")) == ([], [("approved",)])


def test_shipping_does_not_go_back_without_a_refund(admin: Buyer, sent: Handed) -> None:
    back = asked(sent, _0=1)
    decide(admin, back, "approve")

    refused = take_in(admin, sent, back, refund=False, shipping=True)

    errors = {"shipping": ["Goes back only with a refund: leave one of the two out."]}
    assert (refused.status_code, refused.get_json()["errors"]) == (422, errors)
    assert (refunds(), rows("SELECT status FROM returns")) == ([], [("approved",)])


def test_a_unit_that_came_back_takes_nothing_from_those_that_are_still_to_be_sent(
    client: FlaskClient, stripe: StandIn, admin: Buyer
) -> None:
    sent = handed(client)
    (seller,) = sent.sellers
    parcel = parcels(seller)[0]
    act(seller, parcel, "pack", units(sent, _0=1))
    do(seller, parcel, "ship", "deliver")
    back = asked(sent, _0=1)
    decide(seller, back, "approve")

    assert take_in(seller, sent, back).status_code == 200

    assert rows("SELECT parcelled, withheld, returned FROM order_lines") == [(1, 0, 1)]
    assert (sent.standing(), possible(sent)) == (("packed", "partial"), {sent.line(): 0})
    # The other unit's money goes back before it is packed: that one is never sent, whatever came back before.
    line = {"line_id": sent.line(), "quantity": 1, "restock": True}
    body = {"reason": "other", "lines": [line]}
    path = f"/v1/admin/orders/{sent.order_id}/refunds"
    assert admin.post(path, body, key=str(uuid4())).status_code == 201
    assert rows("SELECT parcelled, withheld, returned FROM order_lines") == [(1, 1, 1)]
    assert admin.post(path, body, key=str(uuid4())).status_code == 409
    assert healthy()


def test_what_did_not_come_is_not_paid_for_and_can_be_asked_for_again(admin: Buyer, sent: Handed) -> None:
    back = asked(sent, _0=2)
    decide(admin, back, "approve")
    assert take_in(admin, sent, back, 3).status_code == 422

    assert take_in(admin, sent, back, 1).get_json()["refunded"]["amount"] == 1080

    assert possible(sent) == {sent.line(): 1}
    assert rows("SELECT on_hand FROM stock_levels") == [(4,)]
    assert healthy()


def test_goods_whose_money_went_back_otherwise_are_taken_in_without(admin: Buyer, sent: Handed) -> None:
    back = asked(sent, _0=2)
    decide(admin, back, "approve")
    body = {"reason": "other", "amount": {"amount": TOTAL, "currency": "USD"}}
    admin.post(f"/v1/admin/orders/{sent.order_id}/refunds", body, key="all")

    refused = take_in(admin, sent, back, 2)

    assert (refused.status_code, refused.get_json()["left"]["amount"]) == (409, 0)
    assert (count("stock_movements WHERE reason = 'returned'"), possible(sent)) == (0, {sent.line(): 0})
    taken = take_in(admin, sent, back, 2, refund=False).get_json()
    assert (taken["status"], taken["refunded"], refunds()) == ("received", None, [(TOTAL, 0)])
    assert rows("SELECT on_hand FROM stock_levels") == [(5,)]
    assert healthy()


def test_who_keeps_a_unit_whose_money_went_back_cannot_send_it_back_as_well(
    admin: Buyer, sent: Handed
) -> None:
    line = {"line_id": sent.line(), "quantity": 1, "restock": False}
    body = {"reason": "other", "lines": [line]}
    admin.post(f"/v1/admin/orders/{sent.order_id}/refunds", body, key="one")
    assert possible(sent) == {sent.line(): 1}

    change("UPDATE refunds SET status = 'failed', failed_at = now()")

    assert possible(sent) == {sent.line(): 2}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure
@given(whole=st.integers(0, 10**9), parts=st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_the_parts_of_a_line_that_are_paid_back_add_up_to_it(whole: int, parts: list[int]) -> None:
    """In whatever steps its units come back, and to within one minor unit of each other."""
    bought, gone, paid = sum(parts), 0, 0
    for units_back in parts:
        amount = share(whole, bought=bought, gone=gone, paid=paid, units=units_back)
        assert amount == share(whole, bought=bought, gone=gone, paid=None, units=units_back)
        assert abs(amount * bought - whole * units_back) <= bought * units_back
        gone, paid = gone + units_back, paid + amount

    assert paid == whole


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    whole=st.integers(0, 10_000),
    bought=st.integers(1, 12),
    steps=st.lists(st.tuples(st.integers(1, 12), st.none() | st.integers(0, 3)), max_size=9),
)
def test_whichever_refunds_fail_the_units_of_a_line_come_to_it(
    whole: int, bought: int, steps: list[tuple[int, int | None]]
) -> None:
    """Each step owes units, if so many are left; before some of them a refund that stands fails."""
    standing: list[tuple[int, int]] = []
    for wanted, failed in [*steps, (bought, None)]:
        if failed is not None:
            del standing[failed : failed + 1]
        gone, paid = sum(units for units, _ in standing), sum(amount for _, amount in standing)
        if units_back := min(wanted, bought - gone):
            amount = share(whole, bought=bought, gone=gone, paid=paid, units=units_back)
            standing.append((units_back, amount))

    assert sum(amount for _, amount in standing) == whole
    assert all(amount >= 0 for _, amount in standing)
