"""Refunds of units, and parcels: what goes back before it was sent is never sent."""

from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from app.ops.services import doctor
from app.platform.db import transaction
from tests.buyers import Buyer, make_buyer
from tests.database import change, count, rows
from tests.fulfillment.sending import Handed, act, do, handed, healthy, parcels, units
from tests.fulfillment.sending_back import lose_refunds
from tests.stand_in import StandIn


@pytest.fixture
def sent(client: FlaskClient, stripe: StandIn) -> Handed:
    """An order of two units, paid."""
    return handed(client)


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    return make_buyer(client, "admin")


def refund(admin: Buyer, sent: Handed, quantity: int, *, restock: bool = True) -> TestResponse:
    """Give units of the only line back."""
    line = {"line_id": sent.line(), "quantity": quantity, "restock": restock}
    body = {"reason": "requested_by_customer", "lines": [line]}
    return admin.post(f"/v1/admin/orders/{sent.order_id}/refunds", body, key=str(uuid4()))


def stand(seller: Buyer) -> list[tuple[str, int]]:
    """Each parcel's status and units, oldest first."""
    return [
        (each["status"], sum(line["quantity"] for line in each["lines"])) for each in parcels(seller)[::-1]
    ]


@pytest.mark.parametrize("restock", [True, False])
def test_a_unit_that_went_back_before_it_was_packed_is_not_packed(
    admin: Buyer, sent: Handed, *, restock: bool
) -> None:
    (seller,) = sent.sellers

    assert refund(admin, sent, 1, restock=restock).status_code == 201

    assert stand(seller) == [("pending", 1)]
    too_many = act(seller, parcels(seller)[0], "pack", units(sent, _0=2))
    assert (too_many.status_code, too_many.get_json()["type"]) == (409, "/problems/units-not-left")
    assert too_many.get_json()["lines"] == [{"line_id": sent.line(), "left": 1}]
    do(seller, parcels(seller)[0], "pack", "ship")
    assert (stand(seller), sent.standing()) == ([("shipped", 1)], ("shipped", "shipped"))
    assert healthy()


def test_an_order_whose_rest_went_back_is_shipped_with_what_was(admin: Buyer, sent: Handed) -> None:
    (seller,) = sent.sellers
    first = parcels(seller)[0]
    act(seller, first, "pack", units(sent, _0=1))
    do(seller, first, "ship", "deliver")
    assert sent.standing() == ("packed", "partial")

    assert refund(admin, sent, 1).status_code == 201

    assert stand(seller) == [("delivered", 1), ("cancelled", 0)]
    assert sent.standing() == ("delivered", "delivered")
    assert healthy()


def test_what_lies_in_a_packed_parcel_has_to_be_unpacked_first(admin: Buyer, sent: Handed) -> None:
    (seller,) = sent.sellers
    parcel = do(seller, parcels(seller)[0], "pack")

    refused = refund(admin, sent, 1)

    assert (refused.status_code, refused.get_json()["type"]) == (409, "/problems/units-packed")
    assert (count("refunds"), count("stock_movements WHERE reason = 'returned'")) == (0, 0)
    do(seller, parcel, "unpack")
    assert (sent.standing(), refund(admin, sent, 1).status_code) == (("packed", "unfulfilled"), 201)
    do(seller, parcel, "pack", "ship")
    assert stand(seller) == [("shipped", 1)]
    assert healthy()


def test_what_comes_back_after_it_was_sent_takes_nothing_from_the_rest(admin: Buyer, sent: Handed) -> None:
    (seller,) = sent.sellers
    do(seller, parcels(seller)[0], "pack", "ship", "deliver")

    assert refund(admin, sent, 2).status_code == 201

    assert (stand(seller), sent.standing()) == ([("delivered", 2)], ("delivered", "delivered"))
    assert healthy()


def test_units_whose_refund_failed_are_not_sent_either_and_can_be_refunded_again(
    admin: Buyer, sent: Handed
) -> None:
    (seller,) = sent.sellers
    refund(admin, sent, 1, restock=False)
    lose_refunds()

    assert refund(admin, sent, 1, restock=False).status_code == 201

    assert stand(seller) == [("pending", 1)]
    assert healthy()


def test_a_unit_whose_refund_failed_is_on_the_shelf_once_however_often_it_is_refunded(
    admin: Buyer, sent: Handed
) -> None:
    (seller,) = sent.sellers
    refund(admin, sent, 1)
    lose_refunds()

    refused, anew = refund(admin, sent, 1), refund(admin, sent, 1, restock=False)

    assert (refused.status_code, refused.get_json()["type"]) == (409, "/problems/units-not-sold")
    possible = {"line_id": sent.line(), "refundable": 2, "restockable": 0}
    assert (refused.get_json()["lines"], anew.status_code) == ([possible], 201)
    do(seller, parcels(seller)[0], "pack", "ship")
    assert stand(seller) == [("shipped", 1)]
    assert rows("SELECT withheld, returned FROM order_lines") == [(1, 0)]
    assert rows("SELECT on_hand, reserved FROM stock_levels") == [(4, 0)]
    assert rows("SELECT returned FROM reservations") == [(1,)]
    assert (count("refunds"), count("stock_movements WHERE reason = 'returned'")) == (2, 1)
    assert healthy()


def test_units_that_were_broken_when_their_refund_failed_are_restocked_if_the_next_one_says_so(
    admin: Buyer, sent: Handed
) -> None:
    refund(admin, sent, 1, restock=False)
    lose_refunds()

    assert refund(admin, sent, 1).status_code == 201

    assert rows("SELECT withheld FROM order_lines") == [(1,)]
    assert rows("SELECT on_hand, reserved FROM stock_levels") == [(4, 0)]
    assert healthy()


def test_a_failed_refund_that_is_retried_beside_a_new_one_withholds_another_unit(
    admin: Buyer, sent: Handed
) -> None:
    (seller,) = sent.sellers
    failed = refund(admin, sent, 1, restock=False).get_json()["id"]
    lose_refunds()
    refund(admin, sent, 1, restock=False)

    assert admin.post(f"/v1/admin/refunds/{failed}/retry").status_code == 201

    assert rows("SELECT withheld FROM order_lines") == [(2,)]
    assert stand(seller) == [("cancelled", 0)]
    assert healthy()


def test_a_failed_refund_that_is_retried_withholds_no_unit_that_nobody_asked_to_keep_back(
    client: FlaskClient, admin: Buyer, stripe: StandIn
) -> None:
    """Of three one has come and is paid back as damaged, and another is not wanted."""
    sent = handed(client, quantity=3)
    (seller,) = sent.sellers
    act(seller, parcels(seller)[0], "pack", units(sent, _0=1))
    do(seller, parcels(seller)[1], "ship", "deliver")
    rest = do(seller, parcels(seller)[0], "pack")
    refund(admin, sent, 1, restock=False)
    do(seller, rest, "unpack")
    failed = refund(admin, sent, 1, restock=False).get_json()["id"]
    lost = "UPDATE refunds SET status = 'failed', failed_at = now(), failure_reason = 'lost' WHERE id = :id"
    change(lost, id=failed)
    change("UPDATE payments SET refunded_amount = (SELECT amount FROM refunds WHERE status <> 'failed')")

    assert admin.post(f"/v1/admin/refunds/{failed}/retry").status_code == 201

    assert rows("SELECT parcelled, withheld FROM order_lines") == [(1, 1)]
    assert [each["status"] for each in parcels(seller)[::-1]] == ["delivered", "processing"]
    do(seller, parcels(seller)[0], "pack", "ship", "deliver")
    assert stand(seller) == [("delivered", 1), ("delivered", 1)]
    assert healthy()


def test_a_failed_refund_of_units_that_were_packed_meanwhile_waits_until_they_are_unpacked(
    admin: Buyer, sent: Handed
) -> None:
    (seller,) = sent.sellers
    failed = refund(admin, sent, 1, restock=False).get_json()["id"]
    lose_refunds()
    refund(admin, sent, 1, restock=False)
    do(seller, parcels(seller)[0], "pack")

    refused = admin.post(f"/v1/admin/refunds/{failed}/retry")

    assert (refused.status_code, refused.get_json()["type"]) == (409, "/problems/units-packed")
    assert (count("refunds"), rows("SELECT withheld FROM order_lines")) == (2, [(1,)])
    assert healthy()


def test_the_shop_cannot_cancel_what_is_partly_on_its_way(admin: Buyer, sent: Handed) -> None:
    (seller,) = sent.sellers
    act(seller, parcels(seller)[0], "pack", units(sent, _0=1))
    do(seller, parcels(seller)[1], "ship")

    refused = admin.post(f"{sent.path}/cancel")

    assert (refused.status_code, refused.get_json()["order_status"]) == (409, "packed")
    assert stand(seller) == [("shipped", 1), ("pending", 1)]
    assert count("refunds") == 0


def test_a_cancelled_order_has_nothing_in_its_parcels(admin: Buyer, sent: Handed) -> None:
    (seller,) = sent.sellers
    parcel = parcels(seller)[0]
    act(seller, parcel, "pack", units(sent, _0=1))

    assert admin.post(f"{sent.path}/cancel").status_code == 200

    assert stand(seller) == [("cancelled", 0), ("cancelled", 0)]
    assert rows("SELECT parcelled, withheld FROM order_lines") == [(0, 0)]
    assert act(seller, parcel, "ship").get_json()["parcel_status"] == "cancelled"
    assert healthy()


def test_the_database_itself_refuses_to_send_more_than_was_sold(sent: Handed) -> None:
    for changes in ("parcelled = 3", "withheld = -1", "parcelled = 1, withheld = 2"):
        with pytest.raises(IntegrityError, match="no_more_sent_than_sold"):
            change(f"UPDATE order_lines SET {changes}")  # noqa: S608  # our own words


def test_the_doctor_finds_a_refunded_unit_that_would_be_sent_all_the_same(admin: Buyer, sent: Handed) -> None:
    refund(admin, sent, 1, restock=False)
    change("UPDATE order_lines SET withheld = 0")

    with transaction() as session:
        found: list[Any] = [each.invariant.id for each in doctor.broken(doctor.examine(session))]

    assert found == ["I60"]
