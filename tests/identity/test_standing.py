"""Accounts that are shut, opened again, and given another role."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.identity import services
from app.identity.errors import LoginFailed
from app.platform.db import transaction
from app.platform.errors import NotFound
from app.platform.ids import new_id
from tests.database import change, rows
from tests.factories import PASSWORD, bearer, make_user

HOUR = timedelta(hours=1)
FACTS = "SELECT topic, payload FROM events ORDER BY sequence"


@pytest.fixture
def user(client: FlaskClient) -> tuple[UUID, str]:
    """Id and address of a committed customer."""
    with transaction() as session:
        made = make_user(session)
        return made.id, made.email


def _me(client: FlaskClient, headers: dict[str, str]) -> int:
    return client.get("/v1/users/me", headers=headers).status_code


def test_a_suspended_account_is_shut_at_once_and_its_logins_do_not_come_back(
    client: FlaskClient, user: tuple[UUID, str]
) -> None:
    user_id, email = user
    headers = bearer(client, email)

    with transaction() as session:
        services.suspend(session, user_id)
        services.suspend(session, user_id)
    shut = _me(client, headers)
    login = client.post("/v1/auth/login", json={"email": email, "password": PASSWORD})
    with transaction() as session:
        services.reactivate(session, user_id)
        services.reactivate(session, user_id)

    assert (shut, login.status_code) == (401, 401)
    assert (_me(client, headers), _me(client, bearer(client, email))) == (401, 200)
    assert rows(FACTS) == [
        ("identity.user_suspended", {"user_id": str(user_id)}),
        ("identity.user_reactivated", {"user_id": str(user_id)}),
    ]


def test_a_login_that_meets_a_suspension_is_refused(client: FlaskClient, user: tuple[UUID, str]) -> None:
    user_id, _ = user
    with transaction() as session:
        password_hash = services.suspend(session, user_id).password_hash

    with pytest.raises(LoginFailed), transaction() as session:
        services.open_session(session, user_id=user_id, password_hash=password_hash, lifetime=HOUR)

    assert rows("SELECT id FROM user_sessions") == []


def test_another_role_holds_for_the_logins_that_are_open(client: FlaskClient, user: tuple[UUID, str]) -> None:
    user_id, email = user
    headers = bearer(client, email)

    with transaction() as session:
        services.change_role(session, user_id, role="admin")
        services.change_role(session, user_id, role="admin")
    as_admin = client.get("/v1/admin/products", headers=headers).status_code
    with transaction() as session:
        services.change_role(session, user_id, role="customer")

    assert (as_admin, client.get("/v1/admin/products", headers=headers).status_code) == (200, 403)
    assert rows(FACTS) == [
        ("identity.role_changed", {"user_id": str(user_id), "role": "admin", "before": "customer"}),
        ("identity.role_changed", {"user_id": str(user_id), "role": "customer", "before": "admin"}),
    ]


@pytest.mark.parametrize("deleted", [True, False])
def test_only_accounts_that_are_there_are_decided_about(
    client: FlaskClient, user: tuple[UUID, str], *, deleted: bool
) -> None:
    user_id = user[0] if deleted else new_id()
    change("UPDATE users SET status = 'deleted', deleted_at = now()")

    for act in (services.suspend, services.reactivate):
        with pytest.raises(NotFound), transaction() as session:
            act(session, user_id)
    with pytest.raises(NotFound), transaction() as session:
        services.change_role(session, user_id, role="seller")

    assert rows("SELECT status, role FROM users") == [("deleted", "customer")]
    assert rows(FACTS) == []
