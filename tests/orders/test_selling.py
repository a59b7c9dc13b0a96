"""What a seller sees of orders: their own lines of paid ones, and where to send them while they have to."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.orders import services as orders
from app.platform.db import transaction
from app.settlement import services as settlement
from tests.buyers import Buyer, Purchase, make_buyer, shelf
from tests.catalog.reviewing import deliver, send
from tests.database import change
from tests.factories import MadeProduct
from tests.fulfillment.sending import act, do, handed, parcels, units
from tests.sales import ADDRESS, HOLDS, object_of
from tests.stand_in import StandIn

SOLD = "/v1/seller/orders"


@pytest.fixture
def seller(client: FlaskClient) -> Buyer:
    return make_buyer(client, "seller")


def own_shelf(seller: Buyer, price: int) -> MadeProduct:
    return shelf(seller_id=UUID(seller.get("/v1/users/me").get_json()["id"]), price=price)


def buy(client: FlaskClient, *things: MadeProduct, paid: bool = True) -> Purchase:
    """A new buyer orders two units of each."""
    buyer = make_buyer(client)
    for thing in things:
        buyer.put(thing)
    body = buyer.check_out().get_json()
    order_id, payment = UUID(body["order"]["id"]), body["payment"]
    bought = Purchase(buyer, things[0], order_id, UUID(payment["id"]), payment["provider_id"])
    if paid:
        total = body["order"]["totals"]["total"]["amount"]
        amounts = {"amount": total, "amount_received": total}
        with transaction() as session:
            seen = object_of(order_id, bought.payment_id, bought.provider_id, "succeeded", amounts)
            settlement.settle(session, seen, holds=HOLDS)
    return bought


def sold(seller: Buyer, query: str = "") -> list[Any]:
    items: list[Any] = seller.get(f"{SOLD}{query}").get_json()["items"]
    return items


def test_a_seller_sees_their_own_lines_and_no_others(
    client: FlaskClient, stripe: StandIn, seller: Buyer
) -> None:
    other = make_buyer(client, "seller")
    chair, lamp = own_shelf(seller, 700), own_shelf(other, 1100)
    bought = buy(client, chair, lamp)

    (order,) = sold(seller)

    assert [(line["sku"], line["quantity"]) for line in order["lines"]] == [(chair.sku, 2)]
    assert order["lines_total"] == {"amount": 1400, "currency": "USD"}
    assert order["shipping_address"] == {name: part for name, part in ADDRESS.items() if name != "phone"}
    assert set(order) == {
        *("id", "number", "status", "lines", "lines_total"),
        *("shipping_address", "pickup_store", "delivery_date", "placed_at", "paid_at"),
    }
    text = seller.get(f"{SOLD}/{bought.order_id}").text
    email = bought.buyer.get("/v1/users/me").get_json()["email"]
    assert all(word not in text for word in (lamp.sku, str(lamp.seller_id), email, "2200", "3600"))
    assert [line["sku"] for line in sold(other)[0]["lines"]] == [lamp.sku]
    assert seller.get(f"{SOLD}/{order['number']}").get_json() == order


def test_an_order_without_a_line_of_theirs_and_one_that_is_not_paid_are_none(
    client: FlaskClient, stripe: StandIn, seller: Buyer
) -> None:
    unpaid = buy(client, own_shelf(seller, 700), paid=False)
    others = buy(client, shelf())

    assert sold(seller) == []
    for order in (unpaid, others):
        assert seller.get(f"{SOLD}/{order.order_id}").status_code == 404


def test_the_address_is_there_as_long_as_there_is_something_to_send(
    client: FlaskClient, stripe: StandIn, seller: Buyer
) -> None:
    bought = buy(client, own_shelf(seller, 1000), paid=False)
    send(bought)
    assert [(each["status"], each["shipping_address"]) for each in sold(seller)] == [("shipped", None)]

    deliver(bought)

    assert [(each["status"], each["shipping_address"]) for each in sold(seller)] == [("delivered", None)]


def test_it_leaves_with_the_last_of_the_sellers_own_lines(client: FlaskClient, stripe: StandIn) -> None:
    sent = handed(client, sellers=2)
    first, second = sent.sellers
    seen = []

    def look() -> None:
        seen.append([sold(each)[0]["shipping_address"] is not None for each in (first, second)])

    (parcel,) = parcels(first)
    act(first, parcel, "pack", units(sent, _0=1))
    do(first, parcel, "ship")
    look()
    (rest,) = parcels(first, "?status=pending")
    do(first, rest, "pack")
    look()
    do(first, rest, "ship")
    look()

    assert seen == [[True, True], [True, True], [False, True]]
    assert sold(first)[0]["status"] == "packed"
    assert first.get(f"{SOLD}/{sent.order_id}").get_json() == sold(first)[0]


def test_it_is_not_there_for_units_that_are_never_sent(client: FlaskClient, stripe: StandIn) -> None:
    sent = handed(client, sellers=2)
    first, second = sent.sellers
    (parcel,) = parcels(first)
    act(first, parcel, "pack", units(sent, _0=1))
    do(first, parcel, "ship")

    change("UPDATE order_lines SET withheld = 1 WHERE id = :id", id=sent.line(0))

    assert [sold(each)[0]["shipping_address"] is not None for each in (first, second)] == [False, True]


def test_what_was_cancelled_after_it_was_paid_is_shown_as_that(
    client: FlaskClient, stripe: StandIn, seller: Buyer
) -> None:
    bought = buy(client, own_shelf(seller, 700))
    with transaction() as session:
        settlement.cancel(session, orders.lock(session, bought.order_id), reason="admin")

    assert [(each["status"], each["shipping_address"]) for each in sold(seller)] == [("cancelled", None)]
    assert (len(sold(seller, "?status=cancelled")), sold(seller, "?status=paid")) == (1, [])


def test_pages_go_on_where_the_last_one_ended(client: FlaskClient, stripe: StandIn, seller: Buyer) -> None:
    chair = own_shelf(seller, 700)
    change("UPDATE stock_levels SET on_hand = 50")
    ids = [str(buy(client, chair).order_id) for _ in range(3)]

    first = seller.get(f"{SOLD}?limit=2").get_json()
    second = seller.get(f"{SOLD}?limit=2&cursor={first['next_cursor']}").get_json()

    assert [each["id"] for each in first["items"] + second["items"]] == ids[::-1]
    assert second["next_cursor"] is None
