"""The address of an account: proved, and changed by whoever proves the new one."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.identity.services import links
from app.platform.db import transaction
from tests.database import change, rows
from tests.factories import PASSWORD, bearer, make_user
from tests.identity.mailed import newest_token

NEW = "new@example.com"
FACTS = "SELECT topic FROM events ORDER BY sequence"
ADDRESS = "SELECT email, email_verified_at IS NOT NULL FROM users ORDER BY created_at, id LIMIT 1"


@pytest.fixture
def email(client: FlaskClient) -> str:
    with transaction() as session:
        return make_user(session).email


def verify(client: FlaskClient, token: str) -> Any:
    return client.post("/v1/auth/verify-email", json={"token": token})


def ask_for(client: FlaskClient, headers: dict[str, str], email: str = NEW) -> Any:
    return client.post("/v1/users/me/email", json={"email": email}, headers=headers)


def is_mailed(purpose: str) -> bool:
    """Whether the newest link would be sent."""
    ((link_id,),) = rows(
        "SELECT id FROM mail_links WHERE purpose = :purpose ORDER BY id DESC LIMIT 1", purpose=purpose
    )
    with transaction() as session:
        return links.to_be_mailed(session, link_id) is not None


def test_a_new_account_is_asked_to_prove_its_address(client: FlaskClient) -> None:
    body = {"email": "ada@example.com", "password": PASSWORD, "full_name": "Ada Lovelace"}
    user_id = client.post("/v1/auth/register", json=body).get_json()["user"]["id"]
    before = rows(ADDRESS)

    answers = [verify(client, newest_token(links.VERIFICATION)) for _ in range(2)]

    assert (before, rows(ADDRESS)) == ([("ada@example.com", False)], [("ada@example.com", True)])
    assert [answer.status_code for answer in answers] == [204, 404]
    assert answers[1].get_json()["type"] == "/problems/link-not-valid"
    assert rows(FACTS) == [("identity.verification_requested",), ("identity.email_verified",)]
    assert rows("SELECT payload FROM events ORDER BY sequence DESC LIMIT 1") == [({"user_id": user_id},)]


def test_another_mail_can_be_asked_for_until_the_address_is_proved(client: FlaskClient, email: str) -> None:
    headers = bearer(client, email)

    asked = client.post("/v1/users/me/email-verification", headers=headers)
    verify(client, newest_token(links.VERIFICATION))
    again = client.post("/v1/users/me/email-verification", headers=headers)

    assert (asked.status_code, again.status_code) == (202, 202)
    assert len(rows("SELECT id FROM mail_links")) == 1


def test_a_new_address_is_the_accounts_once_it_is_proved(client: FlaskClient, email: str) -> None:
    headers = bearer(client, email)
    client.post("/v1/auth/password-reset", json={"email": email})
    reset = newest_token(links.RESET)

    asked = ask_for(client, headers, " New@Example.com ")
    before = rows(ADDRESS)
    answer = verify(client, newest_token(links.CHANGE))

    assert (asked.status_code, answer.status_code) == (202, 204)
    assert (before, rows(ADDRESS)) == ([(email, False)], [(NEW, True)])
    assert bearer(client, NEW)
    assert client.get("/v1/users/me", headers=headers).get_json()["email"] == NEW
    dead = client.post("/v1/auth/password-reset/confirm", json={"token": reset, "password": PASSWORD})
    assert dead.status_code == 404
    assert rows(FACTS)[1:] == [("identity.email_change_requested",), ("identity.email_changed",)]


def test_a_change_asks_for_a_recent_password(client: FlaskClient, email: str) -> None:
    headers = bearer(client, email)
    change("UPDATE user_sessions SET authenticated_at = now() - interval '601 seconds'")

    refused = ask_for(client, headers)
    nothing = rows("SELECT id FROM mail_links")
    client.post("/v1/auth/step-up", json={"password": PASSWORD}, headers=headers)

    assert (refused.status_code, refused.get_json()["type"]) == (403, "/problems/step-up-needed")
    assert (nothing, ask_for(client, headers).status_code) == ([], 202)


@pytest.mark.parametrize("wanted", ["nobody", "größe@example.com"])
def test_an_address_that_no_mail_of_ours_reaches_is_refused(
    client: FlaskClient, email: str, wanted: str
) -> None:
    answer = ask_for(client, bearer(client, email), wanted)

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["email"])
    assert rows("SELECT id FROM mail_links") == []


def test_whether_an_address_is_taken_is_told_only_to_its_owner(client: FlaskClient, email: str) -> None:
    headers = bearer(client, email)
    free = ask_for(client, headers)
    goes_out, token = is_mailed(links.CHANGE), newest_token(links.CHANGE)
    with transaction() as session:
        make_user(session, email=NEW)

    taken = ask_for(client, headers)

    assert (free.status_code, free.data) == (taken.status_code, taken.data) == (202, b"")
    assert (goes_out, is_mailed(links.CHANGE)) == (True, False)
    late = verify(client, token)
    assert (late.status_code, late.get_json()["type"]) == (409, "/problems/email-taken")
    assert rows(ADDRESS) == [(email, False)]


def test_whoever_asks_for_many_mails_gets_five(client: FlaskClient, email: str) -> None:
    sent = []
    for _ in range(6):
        client.post("/v1/auth/password-reset", json={"email": email})
        sent.append(is_mailed(links.RESET))

    assert sent == [True] * 5 + [False]


def test_what_a_stranger_asks_for_beyond_five_does_not_use_up_what_the_owner_gets(
    client: FlaskClient, email: str
) -> None:
    for _ in range(10):
        client.post("/v1/auth/password-reset", json={"email": email})
        is_mailed(links.RESET)
    change("UPDATE mail_links SET expires_at = now() WHERE mailed_at IS NOT NULL")

    client.post("/v1/auth/password-reset", json={"email": email})

    assert is_mailed(links.RESET)
    assert rows("SELECT count(*) FROM mail_links WHERE mailed_at IS NULL AND expires_at > now()") == [(5,)]


def test_closing_links_makes_no_room_for_more_mails_before_they_expire(
    client: FlaskClient, email: str
) -> None:
    headers = bearer(client, email)
    for _ in range(5):
        ask_for(client, headers)
        assert is_mailed(links.CHANGE)
    body = {"current_password": PASSWORD, "password": PASSWORD}
    assert client.post("/v1/users/me/password", json=body, headers=headers).status_code == 204

    ask_for(client, headers)
    at_once = is_mailed(links.CHANGE)
    change("UPDATE mail_links SET expires_at = now() WHERE mailed_at IS NOT NULL")

    assert (at_once, is_mailed(links.CHANGE)) == (False, True)


def test_whoever_has_another_address_may_have_yet_another(client: FlaskClient, email: str) -> None:
    headers = bearer(client, email)

    for address in (NEW, "newer@example.com"):
        ask_for(client, headers, address)
        assert is_mailed(links.CHANGE)
        assert verify(client, newest_token(links.CHANGE)).status_code == 204

    assert rows(ADDRESS) == [("newer@example.com", True)]


def test_a_mail_that_is_tried_again_is_no_other_mail(client: FlaskClient, email: str) -> None:
    for _ in range(5):
        client.post("/v1/auth/password-reset", json={"email": email})
        assert is_mailed(links.RESET)

    assert is_mailed(links.RESET)
