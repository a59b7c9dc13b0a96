from typing import Any

import pytest
from flask.testing import FlaskClient

from app.identity.models import User
from tests.database import rows
from tests.factories import signed_in

OWN = {"full_name", "phone", "locale", "declined_mails"}
"""What somebody may change of their account."""
GRABS: dict[str, Any] = {
    "role": "admin",
    "permissions": ["users"],
    "status": "active",
    "password_hash": "x",
    "email_verified_at": "2026-01-01T00:00:00+00:00",
    "deleted_at": None,
    "shop_name": "Shop of another",
    "id": "0190f0a4-5a3c-7b52-9f5e-2f6c0b7f3a11",
    "email": "other@example.com",
    "created_at": "2026-01-01T00:00:00+00:00",
    "updated_at": "2026-01-01T00:00:00+00:00",
    "text_messages_at": "2026-01-01T00:00:00+00:00",
    "cart_reminders_at": "2026-01-01T00:00:00+00:00",
    "last_login_at": "2026-01-01T00:00:00+00:00",
}


def test_every_column_of_an_account_is_thought_of() -> None:
    assert GRABS.keys() | OWN == set(User.__table__.columns.keys())


@pytest.mark.parametrize("column", GRABS)
def test_nobody_gives_themselves_a_column_of_their_account(client: FlaskClient, column: str) -> None:
    headers = signed_in(client)
    before = rows("SELECT * FROM users")

    answer = client.patch("/v1/users/me", json={"full_name": "Ada", column: GRABS[column]}, headers=headers)

    assert (answer.status_code, answer.get_json()["errors"]) == (422, {column: ["Unknown field."]})
    assert rows("SELECT * FROM users") == before


@pytest.mark.parametrize("column", sorted(GRABS.keys() - {"email"}))
def test_nobody_registers_with_more_than_what_is_asked(client: FlaskClient, column: str) -> None:
    body = {"email": "ada@example.com", "password": "a green lamp on a table", "full_name": "Ada"}

    answer = client.post("/v1/auth/register", json=body | {column: GRABS[column]})

    assert (answer.status_code, answer.get_json()["errors"]) == (422, {column: ["Unknown field."]})
    assert rows("SELECT count(*) FROM users") == [(0,)]
