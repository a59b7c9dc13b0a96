"""Nothing more is sent to an address that nothing reaches, until an operator says so."""

from typing import Any

from flask.testing import FlaskClient

from app.notifications.services import erasing
from app.platform.db import transaction
from tests.database import rows
from tests.factories import signed_in
from tests.keys import key_headers
from tests.notifications.orders import place
from tests.notifications.post import Post, deliver, only_message
from tests.work import drain

BOUNCE = {
    "email": "Ada@Example.com",
    "kind": "bounce",
    "reason": "550 5.1.1 <ada@example.com>: no such mailbox",
}
NOTHING: dict[str, Any] = {"items": [], "next_cursor": None}


def test_a_bounce_ends_the_mails_to_an_address_until_an_operator_lifts_it(
    client: FlaskClient, post: Post
) -> None:
    key, admin = key_headers("mail:bounce"), signed_in(client, "admin")
    order = place()
    for _ in range(2):
        assert client.post("/v1/mail/bounces", json=BOUNCE, headers=key).status_code == 204

    kept_back = deliver("order_received")

    message = only_message()
    assert (kept_back.state, message.status, message.attempts) == ("done", "dead", 0)
    assert (post.mails(), message.last_error) == ([], "nothing reaches this address")
    (shown,) = client.get("/v1/admin/undeliverable-addresses", headers=admin).get_json()["items"]
    assert (shown["email"], shown["kind"]) == ("ada@example.com", "bounce")
    assert shown["reason"] == "550 5.1.1 <(address)>: no such mailbox"

    lifted = client.delete(f"/v1/admin/undeliverable-addresses/{shown['id']}", headers=admin)
    client.post(f"/v1/admin/messages/{message.id}/resend", headers=admin)
    drain(queues=("email",))

    assert (lifted.status_code, only_message().status, len(post.mails())) == (204, "sent", 1)
    assert client.get("/v1/admin/undeliverable-addresses", headers=admin).get_json() == NOTHING
    assert rows("SELECT thing, act, before ->> 'email' FROM audit_log WHERE act = 'delete'") == [
        ("undeliverable_addresses", "delete", "hidden")
    ]
    refusals = rows(
        "SELECT topic FROM events WHERE subject = :id AND topic LIKE 'notif%' ORDER BY sequence",
        id=str(order.id),
    )
    assert [topic for (topic,) in refusals] == [
        "notifications.refused",
        "notifications.resend_requested",
        "notifications.sent",
    ]


def test_with_an_order_that_forgets_its_buyer_it_is_forgotten_that_mails_came_back(
    client: FlaskClient, post: Post
) -> None:
    order = place()
    deliver("order_received")
    client.post("/v1/mail/bounces", json=BOUNCE, headers=key_headers("mail:bounce"))

    with transaction() as session:
        erasing.forget_order(session, order.id)

    assert (only_message().recipient, rows("SELECT * FROM undeliverable_addresses")) == (erasing.ERASED, [])
