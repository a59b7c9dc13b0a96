"""A guest, known by nothing but a cart token, pays in any way that a user can."""

from uuid import uuid4

from flask.testing import FlaskClient

from tests.attempts import SESSION, at_stripe, pay_hosted
from tests.buyers import Guest, make_guest, shelf
from tests.database import rows
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain


def ready_guest(client: FlaskClient) -> Guest:
    """A guest with two units in the cart."""
    guest = make_guest(client)
    guest.put(shelf())
    return guest


def seen_by(guest: Guest, order_id: str) -> tuple[str, str]:
    """The order as the guest sees it."""
    order = guest.get(f"/v1/orders/{order_id}").get_json()
    return order["status"], order["payment_status"]


def test_a_guest_buys_on_the_hosted_page(client: FlaskClient, stripe: StandIn) -> None:
    guest = ready_guest(client)
    placed = guest.check_out(payment_flow=SESSION, email="guest@example.com").get_json()

    page = pay_hosted(placed["payment"]["redirect_url"])
    deliver_all(client, stripe)
    drain()

    assert (page.status, seen_by(guest, placed["order"]["id"])) == (303, ("paid", "paid"))
    (session,) = stripe.books()["checkout_sessions"]
    assert session["customer_email"] == "guest@example.com"


def test_a_guest_pays_in_another_way_and_a_stranger_cannot(client: FlaskClient, stripe: StandIn) -> None:
    guest, stranger = ready_guest(client), ready_guest(client)
    placed = guest.check_out(email="guest@example.com").get_json()
    path, wish = f"/v1/orders/{placed['order']['id']}/payments", {"payment_flow": SESSION}

    foreign = stranger.post(path, wish, key=str(uuid4()))
    mine = guest.post(path, wish, key=str(uuid4()))

    assert (foreign.status_code, mine.status_code) == (404, 201)
    assert at_stripe(stripe) == (["canceled"], ["open"])
    assert rows("SELECT count(*) FROM payments WHERE status = 'open'") == [(1,)]
