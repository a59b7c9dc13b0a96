"""Whoever got into an account for a moment is out for good when its owner says so."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.identity import services, workflows
from app.identity.services import links, proofs
from app.identity.services.passwords import rehash_password, verify_password
from app.identity.services.standing import lock_user
from app.platform.db import transaction
from tests.database import change, rows
from tests.factories import PASSWORD, bearer, make_user
from tests.identity.mailed import newest_token

ANOTHER = "a green lamp on a long table"
EVIL = {"email": "evil@example.com"}
Headers = dict[str, str]


@pytest.fixture
def email(client: FlaskClient) -> str:
    with transaction() as session:
        return make_user(session).email


def resets(client: FlaskClient, email: str, _thiefs: Headers) -> None:
    client.post("/v1/auth/password-reset", json={"email": email})
    body = {"token": newest_token(links.RESET), "password": ANOTHER}
    assert client.post("/v1/auth/password-reset/confirm", json=body).status_code == 204


def chooses_another_password(client: FlaskClient, email: str, _thiefs: Headers) -> None:
    body = {"current_password": PASSWORD, "password": ANOTHER}
    assert client.post("/v1/users/me/password", json=body, headers=bearer(client, email)).status_code == 204


def logs_out_everywhere(client: FlaskClient, email: str, _thiefs: Headers) -> None:
    assert client.post("/v1/auth/logout-all", headers=bearer(client, email)).status_code == 204


def has_it_shut_for_a_while(_client: FlaskClient, email: str, _thiefs: Headers) -> None:
    with transaction() as session:
        services.suspend(session, owner(email))
    with transaction() as session:
        services.reactivate(session, owner(email))


def uses_the_token_that_was_copied(client: FlaskClient, email: str, _thiefs: Headers) -> None:
    login = client.post("/v1/auth/login", json={"email": email, "password": PASSWORD}).get_json()
    for expected in (200, 401):
        change("UPDATE user_sessions SET rotated_at = rotated_at - interval '11 seconds'")
        body = {"refresh_token": login["refresh_token"]}
        assert client.post("/v1/auth/refresh", json=body).status_code == expected


def owner(email: str) -> UUID:
    ((user_id,),) = rows("SELECT id FROM users WHERE email = :email", email=email)
    return user_id  # type: ignore[no-any-return]  # rows tell no types


@pytest.mark.parametrize(
    "owner_does",
    [
        resets,
        chooses_another_password,
        logs_out_everywhere,
        has_it_shut_for_a_while,
        uses_the_token_that_was_copied,
    ],
)
def test_a_change_of_address_that_a_thief_asked_for_ends_when_the_owner_acts(
    client: FlaskClient, email: str, owner_does: Callable[..., None]
) -> None:
    thiefs = bearer(client, email)
    assert client.post("/v1/users/me/email", json=EVIL, headers=thiefs).status_code == 202
    token = newest_token(links.CHANGE)

    owner_does(client, email, thiefs)

    assert client.post("/v1/auth/verify-email", json={"token": token}).status_code == 404
    assert rows("SELECT email FROM users") == [(email,)]


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    """Have somebody act after the next password was found right, and before anything comes of that."""

    def verify(stored: str | None, password: str) -> Any:
        verdict = verify_password(stored, password)
        act()
        return verdict

    monkeypatch.setattr(workflows, "verify_password", verify)


def owner_resets(email: str) -> None:
    with transaction() as session:
        user = lock_user(session, owner(email))
        proofs.set_password(session, user, rehash_password(ANOTHER))
        services.revoke_all(session, user.id)


def test_a_login_by_the_old_password_that_meets_a_reset_is_refused(
    client: FlaskClient, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: owner_resets(email))

    answer = client.post("/v1/auth/login", json={"email": email, "password": PASSWORD})

    assert (answer.status_code, answer.get_json()["type"]) == (401, "/problems/login-failed")
    assert rows("SELECT id FROM user_sessions") == []
    assert rows("SELECT count(*) FROM known_addresses") == [(0,)]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/users/me/password", {"current_password": PASSWORD, "password": "the thief's password"}),
        ("/v1/auth/step-up", {"password": PASSWORD}),
    ],
)
def test_what_a_thief_proves_by_the_old_password_is_worth_nothing_after_a_reset(
    client: FlaskClient, email: str, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, str]
) -> None:
    thiefs = bearer(client, email)
    before = rows("SELECT authenticated_at FROM user_sessions")
    meanwhile(monkeypatch, lambda: owner_resets(email))

    assert client.post(path, json=body, headers=thiefs).status_code == 401

    assert rows("SELECT authenticated_at FROM user_sessions") == before
    monkeypatch.undo()
    assert bearer(client, email, ANOTHER)


def test_of_two_changes_by_one_password_the_second_is_refused(
    client: FlaskClient, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = bearer(client, email)

    def other_change() -> None:
        with transaction() as session:
            proofs.set_password(session, lock_user(session, owner(email)), rehash_password(ANOTHER))

    meanwhile(monkeypatch, other_change)
    body = {"current_password": PASSWORD, "password": "yet another password"}
    answer = client.post("/v1/users/me/password", json=body, headers=here)

    assert (answer.status_code, answer.get_json()["type"]) == (403, "/problems/wrong-password")
    monkeypatch.undo()
    assert bearer(client, email, ANOTHER)
