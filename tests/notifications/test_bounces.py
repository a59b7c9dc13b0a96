"""Nothing more is sent to an address that nothing reaches, until an operator says so."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.identity.services import links
from app.notifications.services import erasing
from app.platform.db import transaction
from tests.database import rows
from tests.factories import PASSWORD, signed_in
from tests.identity.mailed import newest_token
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
KNOWN = "SELECT email FROM undeliverable_addresses"


def register(client: FlaskClient, email: str, *, proved: bool) -> dict[str, str]:
    """The headers of a new user, to whom the mail was sent that asks for a proof of the address."""
    person = {"email": email, "password": PASSWORD, "full_name": "Ada Lovelace"}
    tokens = client.post("/v1/auth/register", json=person).get_json()
    drain(queues=("email",))
    if proved:
        client.post("/v1/auth/verify-email", json={"token": newest_token(links.VERIFICATION)})
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def get_a_mail(client: FlaskClient, headers: dict[str, str]) -> None:
    """Have one sent to the account's address that the owner need not have proved."""
    body = {"current_password": PASSWORD, "password": PASSWORD}
    assert client.post("/v1/users/me/password", json=body, headers=headers).status_code == 204
    drain(queues=("email",))


def complain(client: FlaskClient, email: str) -> None:
    body = {"email": email, "kind": "complaint"}
    headers = key_headers("mail:bounce")
    assert client.post("/v1/mail/bounces", json=body, headers=headers).status_code == 204


def leave(client: FlaskClient, headers: dict[str, str]) -> None:
    """Delete the account, and let everybody forget it."""
    assert client.delete("/v1/users/me", headers=headers).status_code == 204
    drain()


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


def test_with_an_order_that_was_sent_no_mail_nothing_is_forgotten_of_its_address(
    client: FlaskClient, post: Post
) -> None:
    client.post("/v1/mail/bounces", json=BOUNCE, headers=key_headers("mail:bounce"))
    order = place()
    deliver("order_received")

    with transaction() as session:
        erasing.forget_order(session, order.id)

    assert (only_message().recipient, rows(KNOWN)) == (erasing.ERASED, [("ada@example.com",)])


def test_with_an_account_it_is_forgotten_that_mails_to_its_proved_address_came_back(
    client: FlaskClient, post: Post
) -> None:
    headers = register(client, "ada@example.com", proved=True)
    get_a_mail(client, headers)
    complain(client, "ada@example.com")
    before = rows(KNOWN)

    leave(client, headers)

    assert (before, rows(KNOWN)) == ([("ada@example.com",)], [])


@pytest.mark.parametrize("is_known_before", [True, False])
def test_nobody_has_us_write_again_to_an_address_that_they_have_not_proved(
    client: FlaskClient, post: Post, *, is_known_before: bool
) -> None:
    if is_known_before:
        complain(client, "ada@example.com")
    headers = register(client, "ada@example.com", proved=False)
    get_a_mail(client, headers)
    complain(client, "ada@example.com")

    leave(client, headers)

    assert len(post.mails()) == (0 if is_known_before else 2)
    assert rows(KNOWN) == [("ada@example.com",)]
    assert rows("SELECT DISTINCT recipient FROM messages") == [(erasing.ERASED,)]


def test_nor_to_one_that_they_wanted_or_had_before(client: FlaskClient, post: Post) -> None:
    headers = register(client, "ada@example.com", proved=False)
    get_a_mail(client, headers)
    for wanted in ("eve@example.com", "bob@example.com"):
        client.post("/v1/users/me/email", json={"email": wanted}, headers=headers)
        drain(queues=("email",))
        if wanted == "eve@example.com":
            client.post("/v1/auth/verify-email", json={"token": newest_token(links.CHANGE)})
            drain(queues=("email",))
    for email in ("ada@example.com", "bob@example.com", "eve@example.com"):
        complain(client, email)

    leave(client, headers)

    assert rows(f"{KNOWN} ORDER BY email") == [("ada@example.com",), ("bob@example.com",)]
