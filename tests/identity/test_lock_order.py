"""What takes a password locks the account first: two such calls wait in a line, not in a circle."""

from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.identity import workflows
from app.identity.services.sessions import lock_login
from app.platform.db import transaction
from tests.database import lock_waiters, rows
from tests.factories import PASSWORD, bearer, make_user
from tests.waiting import wait

STEP_UP = ("/v1/auth/step-up", {"password": PASSWORD})
CHANGE = ("/v1/users/me/password", {"current_password": PASSWORD, "password": "a green lamp on a long table"})


@pytest.fixture
def email(client: FlaskClient) -> str:
    with transaction() as session:
        return make_user(session).email


@pytest.mark.parametrize(("call", "logged_in", "counted"), [(STEP_UP, 200, 0), (CHANGE, 401, 1)])
def test_a_login_waits_for_another_call_with_the_same_password(
    client: FlaskClient,
    email: str,
    monkeypatch: pytest.MonkeyPatch,
    call: tuple[str, dict[str, str]],
    logged_in: int,
    counted: int,
) -> None:
    here, body = bearer(client, email), {"email": email, "password": PASSWORD}
    logins: list[Future[TestResponse]] = []

    def log_in() -> TestResponse:
        return client.application.test_client().post("/v1/auth/login", json=body)

    def lock_while_a_login_waits(session: Session, session_id: UUID) -> bool:
        logins.append(pool.submit(log_in))
        wait(lambda: lock_waiters() == 1)
        return lock_login(session, session_id)

    monkeypatch.setattr(workflows, "lock_login", lock_while_a_login_waits)

    with ThreadPoolExecutor(1) as pool:
        answer = client.post(call[0], json=call[1], headers=here)
        (login,) = logins

    assert (answer.status_code, login.result().status_code) == (204, logged_in)
    assert rows("SELECT count(*) FROM login_tries WHERE free_at > now()") == [(counted,)]
