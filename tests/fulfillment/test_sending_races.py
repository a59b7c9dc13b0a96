"""Packing, sending, cancelling and refunding at one moment: one order of things, and no unit twice."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from tests.buyers import make_buyer
from tests.database import count, rows
from tests.fulfillment.sending import act, do, handed, healthy, parcels, units
from tests.stand_in import StandIn
from tests.threads import AT_ONCE, together


@pytest.mark.parametrize("attempt", range(3))
def test_a_buyer_cancels_while_the_seller_packs(client: FlaskClient, stripe: StandIn, attempt: int) -> None:
    sent = handed(client)
    seller, parcel = sent.sellers[0], parcels(sent.sellers[0])[0]

    packed, cancelled = together(
        lambda: act(seller.twin(), parcel, "pack").status_code,
        lambda: sent.buyer.twin().post(f"{sent.path}/cancel").status_code,
    )

    assert sorted((packed, cancelled)) == [200, 409]
    assert sent.standing()[0] == ("packed" if packed == 200 else "cancelled")
    assert count("refunds") == (cancelled == 200)
    assert healthy()


@pytest.mark.parametrize("attempt", range(3))
def test_the_shop_cancels_while_the_seller_sends(client: FlaskClient, stripe: StandIn, attempt: int) -> None:
    sent, admin = handed(client), make_buyer(client, "admin")
    seller, parcel = sent.sellers[0], parcels(sent.sellers[0])[0]
    do(seller, parcel, "pack")

    gone, cancelled = together(
        lambda: act(seller.twin(), parcel, "ship").status_code,
        lambda: admin.twin().post(f"{sent.path}/cancel").status_code,
    )

    assert sorted((gone, cancelled)) == [200, 409]
    assert sent.standing()[0] == ("shipped" if gone == 200 else "cancelled")
    assert count("stock_movements WHERE reason = 'returned'") == (cancelled == 200)
    assert healthy()


def test_the_same_units_are_packed_once_however_many_pack_them(client: FlaskClient, stripe: StandIn) -> None:
    sent = handed(client)
    (seller,) = sent.sellers
    act(seller, parcels(seller)[0], "pack", units(sent, _0=1))
    second, _ = parcels(seller)

    answers = together(*[lambda: act(seller.twin(), second, "pack").status_code] * AT_ONCE)

    assert answers == [200] * AT_ONCE
    assert rows("SELECT parcelled FROM order_lines") == [(2,)]
    assert count("events WHERE topic = 'fulfillment.parcel_packed'") == 2
    assert healthy()


@pytest.mark.parametrize("attempt", range(3))
def test_a_unit_is_either_packed_or_given_back(client: FlaskClient, stripe: StandIn, attempt: int) -> None:
    sent, admin = handed(client), make_buyer(client, "admin")
    seller, parcel = sent.sellers[0], parcels(sent.sellers[0])[0]
    both = units(sent, _0=2)
    line = {"line_id": sent.line(), "quantity": 1, "restock": True}
    body = {"reason": "other", "lines": [line]}
    path = f"/v1/admin/orders/{sent.order_id}/refunds"

    packed, refunded = together(
        lambda: act(seller.twin(), parcel, "pack", both).status_code,
        lambda: admin.twin().post(path, body, key=str(uuid4())).status_code,
    )

    assert (packed, refunded) in [(200, 409), (409, 201)]
    assert rows("SELECT parcelled, withheld FROM order_lines") == [(2, 0) if packed == 200 else (0, 1)]
    assert healthy()


def test_the_last_two_parcels_sent_at_one_moment_ship_the_order_once(
    client: FlaskClient, stripe: StandIn
) -> None:
    sent = handed(client, sellers=3)
    packed = [(seller, do(seller, parcels(seller)[0], "pack")) for seller in sent.sellers]

    def ship(position: int) -> Callable[[], int]:
        seller, parcel = packed[position]
        return lambda: act(seller.twin(), parcel, "ship").status_code

    assert together(*map(ship, range(3))) == [200] * 3

    assert sent.standing() == ("shipped", "shipped")
    assert count("events WHERE topic = 'orders.shipped'") == 1
    assert healthy()
