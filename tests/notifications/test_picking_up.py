"""An order that its buyer picks up, from the payment to the counter of the store."""

from flask.testing import FlaskClient

from tests.buyers import make_buyer
from tests.database import rows
from tests.fulfillment.picking_up import to_be_picked_up
from tests.fulfillment.sending import act, do, healthy, parcels
from tests.notifications.post import Post, text_of
from tests.stand_in import StandIn
from tests.work import drain

ON_THE_WAY = "SELECT count(*) FROM events WHERE topic IN ('orders.shipped', 'fulfillment.parcel_shipped')"


def test_an_order_is_picked_up(client: FlaskClient, stripe: StandIn, post: Post) -> None:
    sent = to_be_picked_up(client)
    (seller,) = sent.sellers
    (parcel,) = parcels(seller)

    assert act(seller, parcel, "ready").status_code == 409
    do(seller, parcel, "pack", "ready", "ready")
    refused = act(seller, parcel, "ship")
    drain(queues=("email",))
    waiting = sent.order()

    assert (refused.status_code, refused.get_json()["parcel_status"]) == (409, "packed")
    assert (sent.standing(), waiting["parcels"][0]["status"]) == (("packed", "unfulfilled"), "packed")
    assert waiting["parcels"][0]["ready_at"] is not None
    said = text_of(post.mails()[-1])
    assert "Your order waits for you at Backroom London: 2 × Garden chair." in said
    assert "Opening hours: Mon 09:00–18:00." in said
    place = said.splitlines()[said.splitlines().index("To be picked up at:") + 1 :]
    assert place[:3] == ["Ada Lovelace", "Backroom London", "1 Strand"]

    do(seller, parcel, "deliver", "deliver")
    late = act(seller, parcel, "ready")
    assert (late.status_code, late.get_json()["parcel_status"]) == (409, "delivered")
    drain()
    drain(queues=("email",))

    assert sent.standing() == ("delivered", "delivered")
    done = post.mails()[-1]
    assert done["Subject"] == f"You have your order {waiting['number']}"
    assert "You have picked up all of this order." in text_of(done)
    titles = [each["title"] for each in sent.buyer.get(f"{sent.path}/timeline").get_json()["items"]]
    assert titles.count("Ready to be picked up") == 1
    assert rows(ON_THE_WAY) == [(0,)]
    assert healthy()


def test_nobody_is_told_of_a_parcel_that_was_unpacked_before(
    client: FlaskClient, stripe: StandIn, post: Post
) -> None:
    sent = to_be_picked_up(client)
    (seller,) = sent.sellers
    drain(queues=("email",))
    told = len(post.mails())

    unpacked = do(seller, parcels(seller)[0], "pack", "ready", "unpack")
    drain(queues=("email",))

    assert (unpacked["status"], unpacked["ready_at"], len(post.mails())) == ("processing", None, told)
    do(seller, unpacked, "pack", "ready")
    drain(queues=("email",))
    assert len(post.mails()) == told + 1

    admin = make_buyer(client, "admin")
    advanced = admin.post(f"/v1/admin{sent.path[3:]}/fulfillments", {"status": "shipped"})
    assert advanced.status_code == 409
    assert admin.post(f"/v1{sent.path[3:]}/cancel").get_json()["status"] == "cancelled"
    assert rows("SELECT status, ready_at FROM fulfillments") == [("cancelled", None)]
    assert healthy()
