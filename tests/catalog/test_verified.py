"""A purchase is verified when the product was delivered to the author, in whatever order things happen."""

from functools import partial
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.ops.services import doctor
from app.orders import services as orders
from app.platform.db import transaction
from tests.buyers import Buyer, Purchase, make_buyer, make_guest, shelf
from tests.catalog.reviewing import deliver, send, shown, write
from tests.database import rows
from tests.sales import TOTAL
from tests.stand_in import StandIn
from tests.work import drain


def is_verified(bought: Purchase) -> list[bool]:
    """What each review of the product says."""
    return [each["verified_purchase"] for each in shown(bought.buyer, bought.product)]


def healthy() -> bool:
    with transaction() as session:
        return doctor.broken(doctor.examine(session)) == []


def test_a_review_written_before_the_delivery_is_verified_by_it(bought: Purchase) -> None:
    send(bought)
    write(bought.buyer, bought.product)
    assert is_verified(bought) == [False]

    deliver(bought)
    drain()

    assert is_verified(bought) == [True]
    assert healthy()


def test_a_review_written_after_the_delivery_is_verified(bought: Purchase) -> None:
    send(bought)
    deliver(bought)
    drain()

    assert write(bought.buyer, bought.product).get_json()["verified_purchase"] is True


def test_only_the_buyer_of_the_product_is_verified(client: FlaskClient, bought: Purchase) -> None:
    send(bought)
    deliver(bought)
    drain()
    other = shelf()

    assert write(make_buyer(client), bought.product).get_json()["verified_purchase"] is False
    assert write(bought.buyer, other).get_json()["verified_purchase"] is False


def test_who_gave_it_back_has_had_it_all_the_same(client: FlaskClient, bought: Purchase) -> None:
    send(bought)
    deliver(bought)
    drain()
    write(bought.buyer, bought.product, 1)

    path = f"/v1/admin/orders/{bought.order_id}/refunds"
    body = {"amount": {"amount": TOTAL, "currency": "USD"}, "reason": "requested_by_customer"}
    assert make_buyer(client, "admin").post(path, body, key="one").status_code == 201
    drain()

    assert is_verified(bought) == [True]


@pytest.fixture
def bought_by_guest(client: FlaskClient, stripe: StandIn) -> Purchase:
    guest, lamp = make_guest(client), shelf()
    guest.put(lamp)
    body = guest.check_out().get_json()
    payment = body["payment"]
    return Purchase(guest, lamp, UUID(body["order"]["id"]), UUID(payment["id"]), payment["provider_id"] or "")


@pytest.mark.parametrize("claimed_first", [True, False])
def test_a_guests_order_counts_for_the_account_that_claims_it(
    client: FlaskClient, bought_by_guest: Purchase, *, claimed_first: bool
) -> None:
    send(bought_by_guest)
    user = make_buyer(client)
    steps = [partial(deliver, bought_by_guest), partial(claim, user)]
    for step in reversed(steps) if claimed_first else steps:
        step()

    drain()

    assert write(user, bought_by_guest.product).get_json()["verified_purchase"] is True
    assert rows("SELECT order_id FROM purchases") == [(bought_by_guest.order_id,)]
    assert healthy()


def test_an_order_that_is_claimed_on_its_way_has_not_come_yet(
    client: FlaskClient, bought_by_guest: Purchase
) -> None:
    send(bought_by_guest)
    claim(make_buyer(client))

    assert drain(only=["fulfillment.note_purchases"]) == ["fulfillment.note_purchases"]
    assert rows("SELECT order_id FROM purchases") == []


def claim(user: Buyer) -> None:
    """Make the guest's order the account's, as a login with the guest's token does."""
    user_id = UUID(user.get("/v1/users/me").get_json()["id"])
    ((token_hash,),) = rows("SELECT guest_token_hash FROM orders")
    with transaction() as session:
        orders.adopt(session, token_hash=token_hash, user_id=user_id, cart_id=None)
