"""Mails about accounts: who gets them, what they say, and the links that they carry."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func

from app.identity.services import links
from app.platform.db import transaction
from sandbox.mail.faults import Fault
from tests.database import change, rows
from tests.factories import PASSWORD, bearer, make_user, signed_in
from tests.identity.mailed import newest_token
from tests.notifications.orders import place
from tests.notifications.post import Post, deliver, html_of, only_message, text_of
from tests.work import drain

LINK = re.compile(r"^http://127\.0\.0\.1:8000/([a-z-]+)#token=(\S+)$", re.MULTILINE)
RESET_MAIL = """\
Hello Ada Lovelace,

Somebody, hopefully you, wants to choose a new password for your account. \
This link lets you do that, once and for a short time:

{link}

If it was not you, you need not do anything: your password stays as it is.
"""


@pytest.fixture
def email(client: FlaskClient) -> str:
    return proved(full_name="Ada\n  Lovelace")


def proved(**values: Any) -> str:
    """The address of a new account, which is proved to be its owner's."""
    with transaction() as session:
        user = make_user(session, **values)
        user.email_verified_at = func.now()
        return user.email


def ask(client: FlaskClient, email: str, **headers: Any) -> None:
    client.post("/v1/auth/password-reset", json={"email": email}, headers=headers)


def words_of(mail: Any) -> str:
    """The plain text, however its lines ended on the way."""
    return text_of(mail).replace("\r\n", "\n")


def link_in(mail: Any) -> tuple[str, str]:
    """The page that the mail's link opens, and its token."""
    found = LINK.search(words_of(mail))
    assert found is not None
    return found[1], found[2]


def test_the_link_of_the_mail_opens_the_account_wherever_the_request_came_to(
    client: FlaskClient, email: str, post: Post
) -> None:
    ask(client, email, Host="evil.example", **{"X-Forwarded-Host": "evil.example"})

    deliver("password_reset")

    mail = post.only_mail()
    page, token = link_in(mail)
    assert (mail["To"], mail["Subject"]) == (email, "Choose a new password")
    assert words_of(mail) == RESET_MAIL.format(link=f"http://127.0.0.1:8000/{page}#token={token}")
    assert f'href="http://127.0.0.1:8000/{page}#token={token}"' in html_of(mail)
    body = {"token": token, "password": "a green lamp on a long table"}
    assert client.post("/v1/auth/password-reset/confirm", json=body).status_code == 204
    deliver("password_changed")
    assert [mail["Subject"] for mail in post.mails()][1:] == ["Your password was changed"]


def test_an_address_without_an_account_gets_no_mail(client: FlaskClient, post: Post) -> None:
    ask(client, "nobody@example.com")

    assert deliver("password_reset").state == "done"
    assert (post.mails(), rows("SELECT id FROM messages")) == ([], [])


def test_a_repeated_mail_has_the_same_link_until_that_is_used(
    client: FlaskClient, email: str, post: Post
) -> None:
    ask(client, email)
    post.faults.order(Fault.LOSE_ANSWER, count=1)
    deliver("password_reset")
    deliver("password_reset")
    first, second = post.mails()

    assert link_in(first) == link_in(second)
    assert first["Message-ID"] == second["Message-ID"]
    change("UPDATE mail_links SET used_at = now()")
    answer = client.post(f"/v1/admin/messages/{only_message().id}/resend", headers=signed_in(client, "admin"))
    assert answer.get_json()["order_id"] is None
    assert deliver("resend").state == "done"
    assert (len(post.mails()), only_message().status) == (2, "dead")


def test_a_sent_mail_is_in_the_ledger_without_its_link(client: FlaskClient, email: str, post: Post) -> None:
    ask(client, email)
    deliver("password_reset")

    message = only_message()
    ((user_id,),) = rows("SELECT id FROM users")
    assert (message.kind, message.recipient, message.user_id) == ("password_reset", email, user_id)
    assert (message.order_id, message.status) == (None, "sent")
    assert rows("SELECT topic, subject FROM events ORDER BY sequence DESC LIMIT 1") == [
        ("notifications.sent", str(message.about))
    ]
    _, token = link_in(post.only_mail())
    stored = rows("SELECT m::text FROM messages m UNION ALL SELECT e::text FROM events e")
    assert not [row for row in stored if token.partition(".")[2] in row[0]]


def test_the_new_address_gets_the_link_and_the_old_one_the_news(
    client: FlaskClient, email: str, post: Post
) -> None:
    client.post("/v1/users/me/email", json={"email": "new@example.com"}, headers=bearer(client, email))
    deliver("email_change")
    page, token = link_in(post.only_mail())
    deliver("email_change_asked")
    client.post("/v1/auth/verify-email", json={"token": token})
    deliver("email_changed")

    assert page == "verify-email"
    assert "new@example.com" not in words_of(post.mails()[1])
    assert [(mail["To"], mail["Subject"]) for mail in post.mails()] == [
        ("new@example.com", "Please confirm your new email address"),
        (email, "Another email address is wanted for your account"),
        (email, "Your account has a new email address"),
    ]


def test_after_a_change_of_address_mails_about_orders_go_to_the_new_one(
    client: FlaskClient, email: str, post: Post
) -> None:
    ((user_id,),) = rows("SELECT id FROM users")
    place(user_id=user_id, email=email)

    client.post("/v1/users/me/email", json={"email": "new@example.com"}, headers=bearer(client, email))
    client.post("/v1/auth/verify-email", json={"token": newest_token(links.CHANGE)})
    drain(only=["orders.follow_change"])
    deliver("order_received")

    assert post.only_mail()["To"] == "new@example.com"


def test_whoever_registers_is_asked_to_prove_the_address(client: FlaskClient, post: Post) -> None:
    person = {"email": "eve@example.com", "password": PASSWORD, "full_name": "Eve"}
    client.post("/v1/auth/register", json=person)

    deliver("email_verification")

    mail = post.only_mail()
    assert (mail["To"], link_in(mail)[0]) == ("eve@example.com", "verify-email")
    assert words_of(mail).startswith("Please confirm that this is your address.")


def test_a_name_is_text_and_no_markup(client: FlaskClient, post: Post) -> None:
    ask(client, proved(full_name="<b>Eve</b>"))

    deliver("password_reset")

    html = html_of(post.only_mail())
    assert "Hello &lt;b&gt;Eve&lt;/b&gt;," in html
    assert "<b>Eve" not in html


def test_a_stranger_writes_no_words_of_their_own_to_addresses_that_they_have_not_proved(
    client: FlaskClient, post: Post
) -> None:
    person = {"email": "ada@example.com", "password": PASSWORD, "full_name": "Pay at https://evil.example/x"}
    tokens = client.post("/v1/auth/register", json=person).get_json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    ask(client, "ada@example.com")
    client.post("/v1/users/me/email", json={"email": "bob@example.com"}, headers=headers)
    drain(queues=("email",))
    client.post("/v1/auth/verify-email", json={"token": newest_token(links.CHANGE)})
    client.post("/v1/users/me/email", json={"email": "cleo@example.com"}, headers=headers)
    drain(queues=("email",))

    greeted = [mail["To"] for mail in post.mails() if "evil.example" in text_of(mail) + html_of(mail)]
    assert sorted(rows("SELECT kind, recipient FROM messages")) == [
        ("email_change", "bob@example.com"),
        ("email_change", "cleo@example.com"),
        ("email_change_asked", "ada@example.com"),
        ("email_change_asked", "bob@example.com"),
        ("email_changed", "ada@example.com"),
        ("email_verification", "ada@example.com"),
        ("password_reset", "ada@example.com"),
    ]
    assert greeted == ["bob@example.com"]


def test_the_owner_of_a_stolen_token_is_told(client: FlaskClient, email: str, post: Post) -> None:
    login = client.post("/v1/auth/login", json={"email": email, "password": PASSWORD}).get_json()
    body = {"refresh_token": login["refresh_token"]}
    client.post("/v1/auth/refresh", json=body)
    change("UPDATE user_sessions SET rotated_at = rotated_at - interval '11 seconds'")
    client.post("/v1/auth/refresh", json=body)

    assert deliver("login_ended").state == "done"
    assert (post.only_mail()["To"], post.only_mail()["Subject"]) == (email, "We have ended a login of yours")


def test_nobody_writes_to_an_account_that_is_deleted(client: FlaskClient, email: str, post: Post) -> None:
    body = {"current_password": PASSWORD, "password": "a green lamp on a long table"}
    client.post("/v1/users/me/password", json=body, headers=bearer(client, email))
    change("UPDATE users SET status = 'deleted', deleted_at = now()")

    assert (deliver("password_changed").state, post.mails()) == ("done", [])
