from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.identity.auth import requires
from app.identity.auth.keys import key_id
from app.identity.models import User
from app.platform.access import Access
from app.platform.db import transaction
from app.platform.settings import settings
from tests.factories import bearer, make_user, signed_in


def _me(client: FlaskClient, token: str) -> Any:
    return client.get("/v1/users/me", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def claims(client: FlaskClient) -> dict[str, Any]:
    token = signed_in(client)["Authorization"].removeprefix("Bearer ")
    read: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return read


def _signed(claims: dict[str, Any], **header: Any) -> str:
    """A token by our own key; `header` adds to what its header says."""
    ours = settings().jwt_secret_key
    return jwt.encode(claims, ours, algorithm="HS256", headers={"kid": key_id(ours)} | header)


def test_an_access_token_says_who_which_login_and_which_role(claims: dict[str, Any]) -> None:
    assert (claims["iss"], claims["aud"]) == ("backroom", "backroom")
    assert (claims["role"], claims["type"]) == ("customer", "access")
    assert {"sub", "sid", "exp", "iat", "jti"} <= claims.keys()
    assert claims["exp"] - claims["iat"] == 900


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer a b", "Basic eDp5", "Bearer x", "Bearer é.é.é"])
def test_without_a_token_nobody_is_asking(client: FlaskClient, header: str) -> None:
    answer = client.get("/v1/users/me", headers={"Authorization": header})

    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json()["type"] == "/problems/not-authenticated"


@pytest.mark.parametrize(
    "forgery",
    [
        {"iss": "elsewhere"},
        {"aud": "elsewhere"},
        {"aud": None},
        {"sub": 7},
        {"sid": str(uuid4())},
        {"sid": "no id"},
        {"type": "refresh"},
    ],
)
def test_a_token_with_other_claims_is_refused(
    client: FlaskClient, claims: dict[str, Any], forgery: dict[str, Any]
) -> None:
    assert _me(client, _signed(claims)).status_code == 200

    assert _me(client, _signed(claims | forgery)).status_code == 401


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -31), ("iat", 60), ("nbf", 60)])
def test_a_token_of_another_time_is_refused(
    client: FlaskClient, claims: dict[str, Any], claim: str, seconds: int
) -> None:
    # Counted from here, not from the import of this file: the suite runs for minutes.
    shifted = claims | {claim: datetime.now(UTC) + timedelta(seconds=seconds)}

    assert _me(client, _signed(shifted)).status_code == 401


def test_a_clock_that_is_half_a_minute_off_is_forgiven(client: FlaskClient, claims: dict[str, Any]) -> None:
    late = claims | {"exp": datetime.now(UTC) - timedelta(seconds=20)}

    assert _me(client, _signed(late)).status_code == 200


def test_only_our_key_and_our_algorithm_count(client: FlaskClient, claims: dict[str, Any]) -> None:
    ours = settings().jwt_secret_key
    named = {"kid": key_id(ours)}
    forged = [
        jwt.encode(claims, key="", algorithm="none", headers=named),
        jwt.encode(claims, "another key, and a rather long one", algorithm="HS256", headers=named),
        jwt.encode(claims, (ours * 3)[:64], algorithm="HS512", headers=named),
        jwt.encode(claims, ours, algorithm="HS256"),
    ]

    assert [_me(client, token).status_code for token in forged] == [401, 401, 401, 401]


@pytest.mark.parametrize("name", ["", "another", "../../etc/passwd", "' OR 1=1 --"])
def test_a_key_is_one_of_ours_whatever_a_token_calls_it(
    client: FlaskClient, claims: dict[str, Any], name: str
) -> None:
    assert _me(client, _signed(claims, kid=name)).status_code == 401


def test_a_token_cannot_say_where_its_key_is_to_be_had(client: FlaskClient, claims: dict[str, Any]) -> None:
    where = {
        "jku": "http://127.0.0.1:9/keys",
        "jwk": {"kty": "oct", "k": "AAAA"},
        "x5u": "http://127.0.0.1:9/",
    }
    forged = jwt.encode(claims, "\0\0\0" * 11, algorithm="HS256", headers=where | {"kid": "AAAA"})

    assert _me(client, forged).status_code == 401


def test_what_was_changed_after_the_signature_is_refused(client: FlaskClient, claims: dict[str, Any]) -> None:
    header, _, signature = _signed(claims).split(".")
    admin = jwt.encode(
        claims | {"role": "admin"}, "a key of thirty-two characters, or more", algorithm="HS256"
    ).split(".")[1]

    assert _me(client, f"{header}.{admin}.{signature}").status_code == 401


def test_another_role_is_refused(client: FlaskClient) -> None:
    answer = client.get("/v1/admin/products", headers=signed_in(client, role="seller"))

    assert (answer.status_code, answer.get_json()["type"]) == (403, "/problems/not-permitted")


def test_a_changed_role_holds_at_once(client: FlaskClient) -> None:
    with transaction() as session:
        email = make_user(session).email
    headers = bearer(client, email)
    with transaction() as session:
        session.execute(update(User).values(role="admin"))

    assert client.get("/v1/admin/products", headers=headers).status_code == 200


def test_a_guard_says_whom_it_lets_in() -> None:
    @requires("admin", "seller", permission="catalog", scope="stock:read")
    def view() -> None:
        """Nothing."""

    assert vars(view)["access"] == Access(
        ("users", "keys"), ("admin", "seller"), permission="catalog", scope="stock:read"
    )
    assert vars(view)["_apidoc"]["manual_doc"] == {"security": [{"bearer": []}, {"api_key": ["stock:read"]}]}


def test_the_document_says_whom_a_guard_lets_in() -> None:
    both = Access(("users", "keys"), ("admin", "seller"), permission="catalog", scope="stock:read")

    assert [str(Access()), str(Access(("users",))), str(Access(("users", "guests")))] == [
        "Open to everybody.",
        "For users.",
        "For users, guests.",
    ]
    assert str(both) == (
        "For the role admin or seller, admins with the permission catalog, API keys of the scope stock:read."
    )
