from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, update

from app.identity.auth.keys import key_id
from app.identity.models import User, UserSession
from app.platform.db import transaction
from app.platform.settings import settings
from tests.database import change, count, rows
from tests.factories import PASSWORD, make_user

Tokens = dict[str, Any]


@pytest.fixture
def tokens(client: FlaskClient) -> Tokens:
    with transaction() as session:
        email = make_user(session).email
    answer: Tokens = client.post("/v1/auth/login", json={"email": email, "password": PASSWORD}).get_json()
    return answer


def _refresh(client: FlaskClient, tokens: Tokens) -> Any:
    return client.post("/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})


def _status_of_me(client: FlaskClient, tokens: Tokens) -> int:
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return client.get("/v1/users/me", headers=headers).status_code


def _pass(seconds: int) -> None:
    """Let time pass since the last rotation."""
    with transaction() as session:
        past = UserSession.rotated_at - timedelta(seconds=seconds)
        session.execute(update(UserSession).values(rotated_at=past))


def test_a_refresh_token_is_exchanged_for_new_tokens(client: FlaskClient, tokens: Tokens) -> None:
    answer = _refresh(client, tokens)

    fresh = answer.get_json()
    assert (answer.status_code, fresh.keys()) == (200, {"access_token", "refresh_token", "expires_in"})
    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert _status_of_me(client, fresh) == 200
    assert _refresh(client, fresh).status_code == 200


def test_a_reused_token_ends_its_family_and_says_so_at_once(client: FlaskClient, tokens: Tokens) -> None:
    fresh = _refresh(client, tokens).get_json()
    _pass(seconds=11)

    stolen = _refresh(client, tokens)

    assert (stolen.status_code, stolen.get_json()["type"]) == (401, "/problems/session-ended")
    assert _status_of_me(client, fresh) == 401
    assert _refresh(client, fresh).status_code == 401
    assert _refresh(client, tokens).status_code == 401
    assert rows("SELECT topic, payload ->> 'user_id' FROM events") == [
        ("identity.refresh_token_reused", tokens["user"]["id"])
    ]


def test_the_slower_of_two_tabs_is_told_and_the_login_goes_on(client: FlaskClient, tokens: Tokens) -> None:
    fresh = _refresh(client, tokens).get_json()
    _pass(seconds=9)

    second = _refresh(client, tokens)

    assert (second.status_code, second.get_json()["type"]) == (409, "/problems/refresh-superseded")
    assert _status_of_me(client, fresh) == 200
    assert _refresh(client, fresh).status_code == 200
    assert count("events") == 0


def test_a_token_older_than_the_previous_one_is_theft_at_any_time(
    client: FlaskClient, tokens: Tokens
) -> None:
    newest = _refresh(client, _refresh(client, tokens).get_json()).get_json()

    assert _refresh(client, tokens).status_code == 401

    assert _refresh(client, newest).status_code == 401


def test_of_twenty_refreshes_at_once_one_wins_and_nobody_is_logged_out(
    client: FlaskClient, tokens: Tokens
) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: _refresh(client.application.test_client(), tokens), range(20)))

    (winner,) = [answer for answer in answers if answer.status_code == 200]
    assert [answer.status_code for answer in answers].count(409) == 19
    assert _refresh(client, winner.get_json()).status_code == 200
    assert rows("SELECT id FROM user_sessions WHERE revoked_at IS NOT NULL") == []


@pytest.mark.parametrize("token", ["", "x.y.z", "access"])
def test_only_a_refresh_token_is_exchanged(client: FlaskClient, tokens: Tokens, token: str) -> None:
    given = tokens["access_token"] if token == "access" else token

    answer = _refresh(client, {"refresh_token": given})

    assert answer.status_code == (401 if token else 422)
    assert _status_of_me(client, tokens) == 200


@pytest.mark.parametrize("changed", [{"sid": 5}, {"sid": ["x"]}, {"jti": {}}, {"exp": None}, {"sid": None}])
def test_a_refresh_token_of_ours_that_is_odd_is_refused(
    client: FlaskClient, tokens: Tokens, changed: dict[str, Any]
) -> None:
    claims = jwt.decode(tokens["refresh_token"], options={"verify_signature": False}) | changed
    key = settings().jwt_secret_key
    told = {name: value for name, value in claims.items() if value is not None}
    odd = jwt.encode(told, key, "HS256", headers={"kid": key_id(key)})

    assert _refresh(client, {"refresh_token": odd}).status_code == 401
    assert _refresh(client, tokens).status_code == 200


def test_a_refresh_token_opens_no_other_door(client: FlaskClient, tokens: Tokens) -> None:
    assert _status_of_me(client, {"access_token": tokens["refresh_token"]}) == 401


def test_an_expired_session_is_not_renewed(client: FlaskClient, tokens: Tokens) -> None:
    with transaction() as session:
        session.execute(update(UserSession).values(expires_at=func.now()))

    assert _refresh(client, tokens).status_code == 401
    assert _status_of_me(client, tokens) == 401


def test_logging_out_ends_this_session_only(client: FlaskClient, tokens: Tokens) -> None:
    email = tokens["user"]["email"]
    other = client.post("/v1/auth/login", json={"email": email, "password": PASSWORD}).get_json()

    answer = client.post("/v1/auth/logout", headers={"Authorization": f"Bearer {tokens['access_token']}"})

    assert (answer.status_code, answer.data) == (204, b"")
    assert (_status_of_me(client, tokens), _refresh(client, tokens).status_code) == (401, 401)
    assert _status_of_me(client, other) == 200


def test_logging_out_everywhere_ends_every_session(client: FlaskClient, tokens: Tokens) -> None:
    email = tokens["user"]["email"]
    other = client.post("/v1/auth/login", json={"email": email, "password": PASSWORD}).get_json()

    answer = client.post("/v1/auth/logout-all", headers={"Authorization": f"Bearer {tokens['access_token']}"})

    assert answer.status_code == 204
    assert rows("SELECT topic FROM events") == [("identity.logged_out_everywhere",)]
    assert [_status_of_me(client, each) for each in (tokens, other)] == [401, 401]
    assert [_refresh(client, each).status_code for each in (tokens, other)] == [401, 401]


def test_a_suspension_holds_at_once(client: FlaskClient, tokens: Tokens) -> None:
    with transaction() as session:
        session.execute(update(User).values(status="suspended"))

    assert (_status_of_me(client, tokens), _refresh(client, tokens).status_code) == (401, 401)


def test_a_login_ends_after_90_days_however_often_it_is_refreshed(
    client: FlaskClient, tokens: Tokens
) -> None:
    change("UPDATE user_sessions SET created_at = now() - interval '89 days 23 hours 59 minutes'")

    renewed = _refresh(client, tokens)

    ends = rows("SELECT expires_at - created_at = interval '90 days' FROM user_sessions")
    assert (renewed.status_code, ends) == (200, [(True,)])
    change("UPDATE user_sessions SET created_at = now() - interval '90 days'")
    late = _refresh(client, renewed.get_json())
    assert (late.status_code, late.get_json()["type"]) == (401, "/problems/session-ended")
    assert rows("SELECT topic FROM events") == []
