"""A new password by the present one, and proving once more who one is."""

import pytest
from flask.testing import FlaskClient

from app.platform.db import transaction
from tests.database import change, rows
from tests.factories import PASSWORD, bearer, make_user

ANOTHER = "a green lamp on a long table"


@pytest.fixture
def email(client: FlaskClient) -> str:
    with transaction() as session:
        return make_user(session).email


def test_the_present_password_sets_another_and_ends_the_other_logins(client: FlaskClient, email: str) -> None:
    here, elsewhere = bearer(client, email), bearer(client, email)
    body = {"current_password": PASSWORD, "password": ANOTHER}

    answer = client.post("/v1/users/me/password", json=body, headers=here)

    statuses = [client.get("/v1/users/me", headers=each).status_code for each in (here, elsewhere)]
    assert (answer.status_code, statuses) == (204, [200, 401])
    assert bearer(client, email, ANOTHER)
    assert rows("SELECT topic FROM events") == [("identity.password_changed",)]
    assert client.post("/v1/auth/login", json={"email": email, "password": PASSWORD}).status_code == 401


@pytest.mark.parametrize(
    ("current", "wanted", "status"), [("not the password", ANOTHER, 403), (PASSWORD, "Password123", 422)]
)
def test_a_wrong_or_a_weak_password_changes_nothing(
    client: FlaskClient, email: str, current: str, wanted: str, status: int
) -> None:
    here, elsewhere = bearer(client, email), bearer(client, email)
    before = rows("SELECT password_hash FROM users")
    body = {"current_password": current, "password": wanted}

    answer = client.post("/v1/users/me/password", json=body, headers=here)

    assert answer.status_code == status
    assert rows("SELECT password_hash FROM users") == before
    assert client.get("/v1/users/me", headers=elsewhere).status_code == 200
    assert rows("SELECT topic FROM events") == []


def test_a_step_up_makes_this_login_fresh_and_no_other(client: FlaskClient, email: str) -> None:
    here, _ = bearer(client, email), bearer(client, email)
    change("UPDATE user_sessions SET authenticated_at = now() - interval '1 hour'")

    wrong = client.post("/v1/auth/step-up", json={"password": "not the password"}, headers=here)
    fresh_then = rows("SELECT authenticated_at > now() - interval '1 minute' FROM user_sessions ORDER BY id")
    right = client.post("/v1/auth/step-up", json={"password": PASSWORD}, headers=here)

    assert (wrong.status_code, wrong.get_json()["type"]) == (403, "/problems/wrong-password")
    assert (fresh_then, right.status_code) == ([(False,), (False,)], 204)
    fresh = rows("SELECT authenticated_at > now() - interval '1 minute' FROM user_sessions ORDER BY id")
    assert fresh == [(True,), (False,)]


def test_the_password_of_a_login_cannot_be_guessed_more_often_than_at_the_door(
    client: FlaskClient, email: str
) -> None:
    here, wrong = bearer(client, email), {"password": "not the password"}

    answers = [client.post("/v1/auth/step-up", json=wrong, headers=here) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [403] * 10 + [429]
    assert answers[-1].get_json()["type"] == "/problems/too-many-logins"
