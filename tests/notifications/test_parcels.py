"""Each parcel that is sent is told once, and that all has come is told once."""

from flask.testing import FlaskClient

from tests.buyers import make_buyer
from tests.database import rows
from tests.fulfillment.sending import act, do, handed, healthy, parcels, units
from tests.notifications.post import Post, text_of
from tests.stand_in import StandIn
from tests.work import drain

TOLD = "SELECT kind, parcel_id IS NOT NULL, status FROM messages ORDER BY created_at, id"


def test_a_buyer_is_told_of_each_parcel_and_of_the_end(
    client: FlaskClient, stripe: StandIn, post: Post
) -> None:
    sent = handed(client)
    drain(queues=("email",))
    (seller,) = sent.sellers
    act(seller, parcels(seller)[0], "pack", units(sent, _0=1))
    second, first = parcels(seller)
    for parcel in (first, do(seller, second, "pack")):
        act(seller, parcel, "ship", {"carrier": "UPS", "tracking_number": f"1Z{parcel['number']}"})
        drain(queues=("email",))
        do(seller, parcel, "deliver")
        do(seller, parcel, "deliver")
    drain()

    drain(queues=("email",))

    on_its_way = ("order_shipped", True, "sent")
    assert rows(TOLD)[-3:] == [on_its_way, on_its_way, ("order_delivered", False, "sent")]
    *_, one, other, end = map(text_of, post.mails())
    assert "A part of your order is on its way to you: 1 × Garden chair." in one
    assert "https://www.ups.com/track?tracknum=1Z1" in one
    assert "https://www.ups.com/track?tracknum=1Z2" in other
    assert "All that we sent you of this order has arrived." in end
    assert healthy()


def test_an_operator_can_have_it_told_again(client: FlaskClient, stripe: StandIn, post: Post) -> None:
    sent, admin = handed(client), make_buyer(client, "admin")
    do(sent.sellers[0], parcels(sent.sellers[0])[0], "pack", "ship")
    drain(queues=("email",))
    ((message_id,),) = rows("SELECT id FROM messages WHERE kind = 'order_shipped'")

    assert admin.post(f"/v1/admin/messages/{message_id}/resend").status_code == 202
    drain(queues=("email",))

    assert [mail["Subject"] for mail in post.mails()].count(post.mails()[-1]["Subject"]) == 2
    assert rows("SELECT count(*) FROM messages WHERE kind = 'order_shipped'") == [(1,)]
    assert healthy()
