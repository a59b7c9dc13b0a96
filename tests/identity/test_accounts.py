import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.identity.models import User
from app.platform.db import transaction
from tests.factories import PASSWORD, make_user, signed_in

ADA = {"email": " Ada@Example.com ", "password": PASSWORD, "full_name": "Ada Lovelace"}
USER_FIELDS = {
    *("id", "email", "full_name", "phone", "role", "status", "locale", "cart_reminders", "text_messages"),
    "declined_mails",
    *("email_verified_at", "last_login_at", "created_at"),
}


@pytest.mark.parametrize("name", ["cart_reminders", "text_messages"])
def test_consent_is_said_plainly(client: FlaskClient, name: str) -> None:
    headers = signed_in(client)

    answers = [
        client.patch("/v1/users/me", json={name: said}, headers=headers) for said in ("yes", "on", True)
    ]

    assert [each.status_code for each in answers] == [422, 422, 200]


def test_a_new_customer_is_logged_in_at_once(client: FlaskClient) -> None:
    answer = client.post("/v1/auth/register", json=ADA)

    body = answer.get_json()
    assert answer.status_code == 201
    assert body.keys() == {"user", "access_token", "refresh_token", "expires_in"}
    assert body["user"].keys() == USER_FIELDS
    assert (body["user"]["email"], body["user"]["role"]) == ("ada@example.com", "customer")
    assert (body["user"]["status"], body["user"]["phone"], body["expires_in"]) == ("active", None, 900)
    me = client.get("/v1/users/me", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert me.get_json() == body["user"]


def test_keeps_an_argon2id_hash_of_the_recommended_strength(client: FlaskClient) -> None:
    client.post("/v1/auth/register", json=ADA)

    with transaction() as session:
        stored = session.scalars(select(User.password_hash)).one()
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_an_address_has_one_account_however_it_is_written(client: FlaskClient) -> None:
    client.post("/v1/auth/register", json=ADA)

    answer = client.post("/v1/auth/register", json=ADA | {"email": "ADA@EXAMPLE.COM", "full_name": "Eve"})

    assert (answer.status_code, answer.get_json()["type"]) == (409, "/problems/email-taken")
    with transaction() as session:
        assert session.scalars(select(User.full_name)).all() == ["Ada Lovelace"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "ada"}, "email"),
        ({"email": "ada@example"}, "email"),
        ({"email": "größe@example.com"}, "email"),
        ({"password": "seven77"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"password": "nul\x00inside"}, "password"),
        ({"password": "Password123"}, "password"),
        ({"password": "corvette"}, "password"),
        ({"password": "Ada@example.com"}, "password"),
        ({"password": "Ada.Lovelace", "email": "ada.lovelace@example.com"}, "password"),
        ({"full_name": "  "}, "full_name"),
        ({"full_name": 7}, "full_name"),
        ({"role": "admin"}, "role"),
    ],
)
def test_names_the_field_that_cannot_be_accepted(
    client: FlaskClient, change: dict[str, Any], field: str
) -> None:
    answer = client.post("/v1/auth/register", json=ADA | change)

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])
    with transaction() as session:
        assert session.scalars(select(User.id)).all() == []


def test_an_address_that_no_mail_of_ours_reaches_opens_no_account(client: FlaskClient) -> None:
    refused = client.post("/v1/auth/register", json=ADA | {"email": "größe@example.com"})
    taken = client.post("/v1/auth/register", json=ADA | {"email": "ada@größe.example"})

    assert refused.get_json()["errors"] == {"email": ["Must be ASCII before the @."]}
    assert (taken.status_code, taken.get_json()["user"]["email"]) == (201, "ada@größe.example")


def test_an_old_account_of_such_an_address_can_still_be_entered(client: FlaskClient) -> None:
    with transaction() as session:
        make_user(session, email="größe@example.com")

    answer = client.post("/v1/auth/login", json={"email": "Größe@example.com", "password": PASSWORD})

    assert answer.status_code == 200


def test_half_a_surrogate_pair_is_no_text(client: FlaskClient) -> None:
    body = json.dumps(ADA | {"password": "half of a pair \ud800"})

    answer = client.post("/v1/auth/register", data=body, content_type="application/json")

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["password"])


def test_a_name_is_one_line_and_turns_nothing_around(client: FlaskClient) -> None:
    made = client.post("/v1/auth/register", json=ADA | {"full_name": "Ada\u202e\nLovelace\x07 "}).get_json()
    headers = {"Authorization": f"Bearer {made['access_token']}"}

    changed = client.patch("/v1/users/me", json={"full_name": "\u2066Eve\tAda"}, headers=headers)
    nothing = client.patch("/v1/users/me", json={"full_name": "\u202e"}, headers=headers)

    assert made["user"]["full_name"] == "Ada Lovelace"
    assert (changed.status_code, changed.get_json()["full_name"]) == (200, "Eve Ada")
    assert (nothing.status_code, nothing.get_json()["errors"].keys()) == (422, {"full_name"})


def test_the_owner_changes_name_phone_and_language_only(client: FlaskClient) -> None:
    headers = signed_in(client)
    before = client.get("/v1/users/me", headers=headers).get_json()
    changes = {"full_name": "Ada King", "phone": "+44 20 7946 0958", "locale": "de-AT"}

    answer = client.patch("/v1/users/me", json=changes, headers=headers)

    assert (answer.status_code, answer.get_json()) == (200, before | changes)
    assert client.get("/v1/users/me", headers=headers).get_json() == before | changes
    refused = client.patch("/v1/users/me", json={"role": "admin"}, headers=headers)
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["role"])


def test_a_language_must_be_one(client: FlaskClient) -> None:
    answer = client.patch("/v1/users/me", json={"locale": "german"}, headers=signed_in(client))

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["locale"])
