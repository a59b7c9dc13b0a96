"""What the API answers: tickets, and the way to the stream."""

import base64
from datetime import timedelta
from uuid import uuid4

import orjson
import pytest
from flask.testing import FlaskClient

from app.events import feed
from app.events.feed import Position
from app.live.errors import TicketNotValid
from app.live.services import tickets
from app.live.services.tickets import Ticket
from app.orders import queries
from app.platform import clock
from app.platform.db import transaction
from app.platform.ids import new_id
from app.platform.party import Party
from app.platform.settings import settings
from app.platform.tokens import derived_token, new_token
from tests.buyers import Buyer, Purchase, make_buyer, make_guest, purchase, shelf
from tests.database import rows

SECRET = "a secret of more than thirty-two characters"


def read(answer: dict[str, str]) -> Ticket:
    return tickets.read(answer["ticket"], settings().jwt_keys, now=clock.now())


def test_a_ticket_says_whose_it_is_where_to_go_and_from_where_on(bought: Purchase) -> None:
    answer = bought.buyer.post("/v1/live-tickets", {"order": str(bought.order_id)})

    made = answer.get_json()
    ticket = read(made)
    with transaction() as session:
        end = feed.end(session)
    assert (answer.status_code, ticket.order_id, ticket.party.is_operator) == (201, bought.order_id, False)
    assert rows("SELECT id FROM user_sessions WHERE user_id = :id", id=ticket.party.user_id) == [
        (ticket.login,)
    ]
    assert ticket.start == Position.read(made["last_event_id"]) <= end
    assert made["url"] == f"http://127.0.0.1:8000/v1/live?ticket={made['ticket']}"
    assert made["websocket_url"] == f"ws{made['url'].removeprefix('http')}"
    left = ticket.expires_at - clock.now()
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)


def test_a_guests_ticket_is_for_what_was_ordered_with_their_token_and_an_operators_for_all(
    client: FlaskClient,
) -> None:
    guest, admin = make_guest(client), make_buyer(client, role="admin")
    guest.put(shelf())
    number = guest.check_out().get_json()["order"]["number"]

    of_guest = read(guest.post("/v1/live-tickets", {}).get_json())
    of_order = read(guest.post("/v1/live-tickets", {"order": number}).get_json())
    of_admin = read(client.post("/v1/live-tickets", headers=admin.headers).get_json())

    ((order_id, token_hash),) = rows("SELECT id, guest_token_hash FROM orders")
    assert of_guest.audiences == (f"guest:{token_hash}",)
    assert of_order.audiences == (f"order:{order_id}",)
    assert of_admin.audiences == ("operators",)


def test_anothers_order_is_404_for_a_ticket_and_for_the_way_there(bought: Purchase) -> None:
    stranger = make_buyer(bought.buyer.client)

    answers = [
        stranger.post("/v1/live-tickets", {"order": str(bought.order_id)}),
        stranger.post("/v1/live-tickets", {"order": str(uuid4())}),
        stranger.get(f"/v1/orders/{bought.order_id}/events"),
        stranger.get(f"/v1/orders/{bought.order_id}/events?token=wrong"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    nobody = stranger.client.get(f"/v1/orders/{bought.order_id}/events")
    assert nobody.status_code == 401


def test_the_stream_of_an_order_is_elsewhere_also_for_who_holds_its_link(client: FlaskClient) -> None:
    bought = purchase(client)
    with transaction() as session:
        token = queries.link_token(queries.get(session, bought.order_id), secret=settings().jwt_secret_key)
    path = f"/v1/orders/{bought.order_id}/events"

    by_buyer = bought.buyer.get(path)
    by_link = client.get(f"{path}?token={token}")

    for answer in (by_buyer, by_link):
        before, _, ticket = answer.headers["Location"].partition("?ticket=")
        assert (answer.status_code, before) == (307, "http://127.0.0.1:8000/v1/live")
        assert read({"ticket": ticket}).order_id == bought.order_id
        assert answer.headers["Cache-Control"] == "no-store"


def ticket(**values: object) -> Ticket:
    known = {"party": Party(user_id=new_id()), "login": new_id(), "order_id": None, "start": Position(7, 0)}
    ends = {"expires_at": clock.now() + timedelta(minutes=1)}
    return Ticket(**(known | ends | values))  # type: ignore[arg-type]  # as the test names them


def test_a_ticket_is_read_as_it_was_written_by_any_key_that_is_believed() -> None:
    guest = Party(token_hash="a" * 64, is_operator=True)
    written = ticket(party=guest, login=None, order_id=new_id(), address_hash="h")

    words = tickets.write(written, SECRET)

    assert tickets.read(words, ("another", SECRET), now=clock.now()) == written


def test_a_ticket_tells_addresses_apart_and_names_none(client: FlaskClient) -> None:
    found = []
    for address in ("203.0.113.9", "203.0.113.9", "203.0.113.10", "2001:db8::1", "2001:db8::2"):
        guest = {"X-Cart-Token": new_token()}
        answer = client.post(
            "/v1/live-tickets", json={}, headers=guest, environ_base={"REMOTE_ADDR": address}
        )
        found.append(read(answer.get_json()))

    hashes = [each.address_hash for each in found]
    assert (hashes[0], hashes[3]) == (hashes[1], hashes[4])
    assert len({*hashes}) == 3
    assert "203.0.113" not in str(found)


def test_a_ticket_of_the_release_before_is_read() -> None:
    written = ticket()
    content, _, _ = tickets.write(written, SECRET).partition(".")
    claims = orjson.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
    older = base64.urlsafe_b64encode(orjson.dumps(claims[:7])).rstrip(b"=").decode()
    signature = derived_token(SECRET, purpose=tickets.PURPOSE, facts=(older,))

    assert tickets.read(f"{older}.{signature}", (SECRET,), now=clock.now()) == written


@pytest.mark.parametrize("change", ["", "x", ".", "x.y", "\ud800.x", "é.é"])
def test_what_we_have_not_signed_is_no_ticket(change: str) -> None:
    words = tickets.write(ticket(), SECRET)

    for wrong in (change, change + words, words[:-1], f"{words}x", words.replace(".", "", 1)):
        if wrong != words:
            with pytest.raises(TicketNotValid):
                tickets.read(wrong, (SECRET,), now=clock.now())
    with pytest.raises(TicketNotValid):
        tickets.read(words, ("another",), now=clock.now())


def test_a_ticket_is_over_when_it_says_and_an_access_token_is_none(bought: Purchase) -> None:
    words = tickets.write(ticket(), SECRET)
    access_token = bought.buyer.headers["Authorization"].removeprefix("Bearer ")

    for wrong, later in ((words, timedelta(minutes=1)), (access_token, timedelta())):
        with pytest.raises(TicketNotValid):
            tickets.read(wrong, (SECRET, *settings().jwt_keys), now=clock.now() + later)
    answer = Buyer(bought.buyer.client, {"Authorization": f"Bearer {words}"}).get("/v1/orders")
    assert answer.status_code == 401
