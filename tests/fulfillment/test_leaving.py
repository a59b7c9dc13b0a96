"""What still leaves the house once all of an order's money has gone back: what was free."""

from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from app.platform.db import transaction
from tests.buyers import Buyer, make_buyer
from tests.coupons import CODE, make_coupon
from tests.database import rows
from tests.fulfillment.sending import Handed, act, chosen, do, handed, healthy, paid_for, parcels
from tests.stand_in import StandIn


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    return make_buyer(client, "admin")


def give_all_back(admin: Buyer, sent: Handed) -> None:
    """As goodwill: for no units."""
    path = f"/v1/admin/orders/{sent.order_id}/refunds"
    assert admin.post(path, {"reason": "other"}, key=str(uuid4())).status_code == 201
    assert rows("SELECT captured_amount - refunded_amount FROM payments") == [(0,)]


def half_free(client: FlaskClient) -> Handed:
    """Two units of each of two sellers' things, paid; the first thing is free by a coupon."""
    buyer, people, things = chosen(client, sellers=2)
    with transaction() as session:
        make_coupon(session, basis_points=10_000, scope="products", scope_ids=[things[0].id])
    return Handed(buyer, people, things, paid_for(buyer.check_out(coupon=CODE).get_json()))


def test_goods_of_which_nothing_was_charged_are_sent_though_what_sending_had_cost_went_back(
    client: FlaskClient, admin: Buyer, stripe: StandIn
) -> None:
    with transaction() as session:
        make_coupon(session, basis_points=10_000)
    sent = handed(client, coupon=CODE)
    (seller,) = sent.sellers

    give_all_back(admin, sent)

    assert rows("SELECT amount FROM refunds") == [(539,)]
    do(seller, parcels(seller)[0], "pack", "ship", "deliver")
    assert sent.standing() == ("delivered", "delivered")
    assert healthy()


def test_a_line_that_was_free_is_sent_when_the_others_units_went_back_and_all_money_with_them(
    client: FlaskClient, admin: Buyer, stripe: StandIn
) -> None:
    sent = half_free(client)
    line = {"line_id": sent.line(1), "quantity": 2, "restock": True}
    body = {"reason": "other", "lines": [line]}
    assert admin.post(f"/v1/admin/orders/{sent.order_id}/refunds", body, key="k").status_code == 201

    give_all_back(admin, sent)

    assert rows("SELECT amount FROM refunds ORDER BY id") == [(2160,), (539,)]
    free, charged = sent.sellers
    do(free, parcels(free)[0], "pack", "ship")
    assert [each["status"] for each in parcels(free) + parcels(charged)] == ["shipped", "cancelled"]
    assert sent.standing() == ("shipped", "shipped")
    assert healthy()


def test_a_line_that_was_charged_stays_here_when_all_of_the_money_went_back(
    client: FlaskClient, admin: Buyer, stripe: StandIn
) -> None:
    sent = half_free(client)
    free, charged = sent.sellers
    packed = do(charged, parcels(charged)[0], "pack")

    give_all_back(admin, sent)

    refused = [act(charged, packed, "ship")]
    do(charged, packed, "unpack")
    refused += [act(charged, packed, "pack")]
    gone = "All of the money has gone back, or goes back."
    assert [(each.status_code, each.get_json()["detail"]) for each in refused] == [(409, gone)] * 2
    do(free, parcels(free)[0], "pack", "ship")
    assert [each["status"] for each in parcels(free) + parcels(charged)] == ["shipped", "processing"]
    assert healthy()
