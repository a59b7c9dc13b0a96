"""What follows from the money: fulfilments for the sellers, and a cart without what was bought."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.fulfillment import services
from app.platform.errors import NotFound
from app.platform.ids import new_id
from tests.buyers import Buyer, make_buyer, shelf
from tests.database import change, count, rows
from tests.factories import MadeProduct
from tests.sales import make_sale
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain


def check_out_and_pay(buyer: Buyer, stripe: StandIn) -> str:
    """The id of a paid order; the work that follows is still to do."""
    body = buyer.check_out().get_json()
    stripe.confirm(body["payment"]["provider_id"])
    deliver_all(buyer.client, stripe)
    return str(body["order"]["id"])


def quantities(buyer: Buyer) -> dict[str, int]:
    """Units in the buyer's cart, by SKU."""
    return {item["sku"]: item["quantity"] for item in buyer.get("/v1/cart").get_json()["items"]}


@pytest.fixture
def buyer(client: FlaskClient) -> Buyer:
    return make_buyer(client)


@pytest.fixture
def goods(client: FlaskClient) -> list[MadeProduct]:
    """Two things of one seller, and one of another."""
    first, second = shelf(), shelf()
    return [first, second, shelf(seller_id=first.seller_id)]


def test_each_seller_gets_one_fulfilment_and_the_buyer_sees_them(
    buyer: Buyer, goods: list[MadeProduct], stripe: StandIn
) -> None:
    for product in goods:
        buyer.put(product)
    order_id = check_out_and_pay(buyer, stripe)
    assert count("fulfillments") == 0

    drain()

    made = rows("SELECT seller_id, parcel, status FROM fulfillments ORDER BY seller_id")
    sellers = sorted({product.seller_id for product in goods})
    assert made == [(seller, 1, "pending") for seller in sellers]
    order = buyer.get(f"/v1/orders/{order_id}").get_json()
    ids = {str(row[0]) for row in rows("SELECT id FROM fulfillments")}
    assert {parcel["id"] for parcel in order["parcels"]} == ids
    assert {parcel["status"] for parcel in order["parcels"]} == {"pending"}
    assert rows("SELECT payload -> 'fulfillments' FROM events WHERE topic = 'orders.finalized'") == [(2,)]


def test_running_it_again_changes_nothing(buyer: Buyer, goods: list[MadeProduct], stripe: StandIn) -> None:
    buyer.put(goods[0])
    check_out_and_pay(buyer, stripe)
    drain()
    before = rows("SELECT id, created_at FROM fulfillments"), count("events")

    change("UPDATE deliveries SET state = 'pending', done_at = NULL WHERE consumer = 'orders.finalize'")

    assert drain() == ["orders.finalize"]
    assert (rows("SELECT id, created_at FROM fulfillments"), count("events")) == before
    assert rows("SELECT state, failures FROM deliveries WHERE consumer = 'orders.finalize'") == [("done", 0)]


def test_an_order_that_does_not_exist_has_nothing_to_send(session: Session) -> None:
    with pytest.raises(NotFound):
        services.open_for_order(session, new_id())


def test_a_seller_has_no_parcel_twice(session: Session) -> None:
    services.open_for_order(session, make_sale(session).order_id)

    with pytest.raises(IntegrityError), session.begin_nested():
        change(
            "INSERT INTO fulfillments (id, order_id, seller_id, parcel)\n"
            "SELECT gen_random_uuid(), order_id, seller_id, parcel FROM fulfillments",
            session,
        )


def test_what_was_bought_leaves_the_cart_and_what_was_added_since_stays(
    buyer: Buyer, goods: list[MadeProduct], stripe: StandIn
) -> None:
    chair, lamp, later = goods
    buyer.put(chair, 2)
    buyer.put(lamp, 1)
    check_out_and_pay(buyer, stripe)
    buyer.put(chair, 3)
    buyer.put(later, 1)

    drain()

    assert quantities(buyer) == {chair.sku: 3, later.sku: 1}


def test_before_the_money_the_cart_stays_as_it_is(
    buyer: Buyer, goods: list[MadeProduct], stripe: StandIn
) -> None:
    buyer.put(goods[0], 2)
    buyer.check_out()

    drain()

    assert quantities(buyer) == {goods[0].sku: 2}


def test_a_paid_cart_can_be_filled_and_checked_out_again(
    buyer: Buyer, goods: list[MadeProduct], stripe: StandIn
) -> None:
    buyer.put(goods[0], 2)
    first = check_out_and_pay(buyer, stripe)
    drain()
    buyer.put(goods[1], 1)

    second = check_out_and_pay(buyer, stripe)
    drain()

    assert first != second
    assert quantities(buyer) == {}
    assert rows("SELECT status, count(*) FROM orders GROUP BY status") == [("paid", 2)]
