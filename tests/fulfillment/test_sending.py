"""From a paid order to its buyer's door, over HTTP: by parcels, by sellers, in parts."""

from typing import Any

from flask.testing import FlaskClient

from tests.buyers import make_buyer
from tests.catalog.reviewing import shown, write
from tests.database import rows
from tests.fulfillment.sending import act, do, handed, healthy, parcels, units
from tests.sales import ADDRESS
from tests.stand_in import StandIn
from tests.work import drain


def order_topics() -> list[str]:
    """What became of orders on their way."""
    wanted = "('orders.packed', 'orders.shipped', 'orders.delivered')"
    return [row[0] for row in rows(f"SELECT topic FROM events WHERE topic IN {wanted} ORDER BY sequence")]  # noqa: S608  # our own words


def test_an_order_of_one_parcel_is_packed_sent_and_delivered(client: FlaskClient, stripe: StandIn) -> None:
    sent = handed(client)
    (seller,) = sent.sellers
    (parcel,) = parcels(seller)
    assert (parcel["status"], sent.standing()) == ("pending", ("paid", "unfulfilled"))

    assert do(seller, parcel, "start")["status"] == "processing"
    assert sent.standing() == ("paid", "unfulfilled")
    do(seller, parcel, "pack")
    assert sent.standing() == ("packed", "unfulfilled")
    do(seller, parcel, "ship")
    assert sent.standing() == ("shipped", "shipped")
    do(seller, parcel, "deliver")

    order = sent.order()
    assert (order["status"], order["fulfillment_status"]) == ("delivered", "delivered")
    assert None not in (order["shipped_at"], order["delivered_at"])
    after = seller.get(f"/v1/parcels/{parcel['id']}").get_json()
    assert None not in [after[f"{step}_at"] for step in ("created", "processing", "packed", "shipped")]
    assert (after["delivered_at"], after["cancelled_at"]) == (order["delivered_at"], None)
    assert order_topics() == ["orders.packed", "orders.shipped", "orders.delivered"]
    assert healthy()


def test_what_each_step_does_it_does_once(client: FlaskClient, stripe: StandIn) -> None:
    sent = handed(client)
    (seller,) = sent.sellers
    (parcel,) = parcels(seller)

    for step in ("start", "pack", "ship", "deliver"):
        first, again = act(seller, parcel, step), act(seller, parcel, step)
        assert (first.status_code, again.get_json()) == (200, first.get_json())

    told = rows("SELECT topic FROM events WHERE topic LIKE 'fulfillment.%' ORDER BY sequence")
    steps = ("started", "packed", "shipped", "delivered")
    assert told == [(f"fulfillment.parcel_{step}",) for step in steps]


def test_each_seller_sends_their_own_and_the_order_follows_them_together(
    client: FlaskClient, stripe: StandIn
) -> None:
    sent = handed(client, sellers=2)
    (first, second), stands = sent.sellers, []
    (one,), (other,) = parcels(first), parcels(second)
    assert act(second, one, "pack").status_code == 404

    for seller, parcel, steps in (
        (first, one, ("pack", "ship")),
        (second, other, ("pack", "ship")),
        (first, one, ("deliver",)),
        (second, other, ("deliver",)),
    ):
        do(seller, parcel, *steps)
        stands.append(sent.standing())

    assert stands == [
        ("packed", "partial"),
        ("shipped", "shipped"),
        ("shipped", "shipped"),
        ("delivered", "delivered"),
    ]
    assert [line["sku"] for line in parcels(first)[0]["lines"]] == [sent.things[0].sku]
    assert healthy()


def test_what_is_not_in_a_parcel_gets_another(client: FlaskClient, stripe: StandIn) -> None:
    sent = handed(client)
    (seller,) = sent.sellers
    (parcel,) = parcels(seller)

    packed = act(seller, parcel, "pack", units(sent, _0=1)).get_json()

    assert [line["quantity"] for line in packed["lines"]] == [1]
    second, first = parcels(seller)
    assert [(each["number"], each["status"]) for each in (first, second)] == [(1, "packed"), (2, "pending")]
    assert [line["quantity"] for line in second["lines"]] == [1]
    do(seller, first, "ship", "deliver")
    assert sent.standing() == ("packed", "partial")
    do(seller, second, "pack", "ship")
    assert sent.standing() == ("shipped", "shipped")
    shown_lines = [parcel["lines"] for parcel in sent.order()["parcels"]]
    assert shown_lines == [[{"line_id": sent.line(), "quantity": 1}]] * 2
    assert healthy()


def test_a_buyer_follows_a_parcel_by_its_carriers_page(client: FlaskClient, stripe: StandIn) -> None:
    sent = handed(client)
    (seller,) = sent.sellers
    (parcel,) = parcels(seller)
    do(seller, parcel, "pack")

    said = {"carrier": "UPS", "tracking_number": "1Z 1", "estimated_delivery": "2030-01-02"}
    assert act(seller, parcel, "ship", said).status_code == 200

    (seen,) = sent.order()["parcels"]
    page = "https://www.ups.com/track?tracknum=1Z%201"
    assert {name: seen[name] for name in (*said, "tracking_url")} == said | {"tracking_url": page}


def test_the_slip_has_all_that_lies_with_the_goods_until_they_have_left(
    client: FlaskClient, stripe: StandIn
) -> None:
    sent = handed(client, gift_message="Happy birthday!")
    (seller,) = sent.sellers
    (parcel,) = parcels(seller)
    path = f"/v1/parcels/{parcel['id']}/packing-slip"

    slip: Any = seller.get(path).get_json()
    do(seller, parcel, "pack", "ship")
    later = seller.get(path).get_json()

    assert slip["gift_message"] == "Happy birthday!"
    assert slip["shipping_address"] == {name: part for name, part in ADDRESS.items() if name != "phone"}
    assert [(line["sku"], line["quantity"]) for line in slip["lines"]] == [(sent.things[0].sku, 2)]
    assert slip["order_number"] == sent.order()["number"]
    assert (later["shipping_address"], later["gift_message"]) == (None, None)
    assert later["lines"] == slip["lines"]


def test_a_review_is_verified_once_the_parcel_has_come(client: FlaskClient, stripe: StandIn) -> None:
    sent = handed(client, sellers=2)
    for thing in sent.things:
        write(sent.buyer, thing)
    (parcel,) = parcels(sent.sellers[0])
    do(sent.sellers[0], parcel, "pack", "ship", "deliver")
    drain()

    verified = [shown(sent.buyer, thing)[0]["verified_purchase"] for thing in sent.things]

    assert verified == [True, False]
    assert healthy()


def test_an_admin_moves_all_parcels_of_an_order_on(client: FlaskClient, stripe: StandIn) -> None:
    sent, admin = handed(client, sellers=2), make_buyer(client, "admin")
    path = f"/v1/admin/orders/{sent.order_id}/fulfillments"
    (parcel,) = parcels(sent.sellers[0])
    do(sent.sellers[0], parcel, "pack", "ship", "deliver")

    for status in ("shipped", "delivered", "packed"):
        moved = admin.post(path, {"status": status})
        assert moved.status_code == 200

    assert sent.standing() == ("delivered", "delivered")
    assert [each["status"] for each in admin.get(path).get_json()["items"]] == ["delivered"] * 2
    audited = rows("SELECT DISTINCT thing FROM audit_log WHERE thing IN ('orders', 'fulfillments')")
    assert sorted(audited) == [("fulfillments",), ("orders",)]
