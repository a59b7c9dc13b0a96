from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import bcrypt
import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.identity import workflows
from app.identity.models import User, UserSession
from app.identity.services import passwords
from app.platform.db import transaction
from tests.factories import PASSWORD, make_user

WEAK_ARGON2 = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)


def _account(**values: str) -> str:
    with transaction() as session:
        return make_user(session, **values).email


def _stored_hash() -> str:
    with transaction() as session:
        return session.scalars(select(User.password_hash)).one()


def test_the_right_password_opens_a_session_and_is_noted(client: FlaskClient) -> None:
    email = _account()

    answer = client.post("/v1/auth/login", json={"email": email.upper(), "password": PASSWORD})

    assert answer.status_code == 200
    assert answer.get_json()["user"]["last_login_at"] is not None
    assert answer.get_json().keys() == {"user", "access_token", "refresh_token", "expires_in"}


def test_does_not_say_whether_the_account_exists(client: FlaskClient) -> None:
    known = {"email": _account(), "password": "not the password"}

    answers = [
        client.post("/v1/auth/login", json=known),
        client.post("/v1/auth/login", json=known | {"email": "nobody@example.com"}),
    ]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert [answer.headers["WWW-Authenticate"] for answer in answers] == ["Bearer", "Bearer"]
    bodies = [answer.get_json() | {"request_id": None} for answer in answers]
    assert bodies[0] == bodies[1]
    assert bodies[0]["type"] == "/problems/login-failed"
    with transaction() as session:
        assert session.scalars(select(UserSession.id)).all() == []


def test_an_unknown_address_costs_as_many_hashes_as_a_known_one(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    def count(stored: str, _password: str) -> bool:
        checked.append(stored)
        return False

    monkeypatch.setattr(passwords, "_matches_argon2", count)

    client.post("/v1/auth/login", json={"email": "nobody@example.com", "password": PASSWORD})

    assert len(checked) == 1
    assert checked[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_suspended_account_cannot_log_in(client: FlaskClient) -> None:
    email = _account()
    with transaction() as session:
        session.execute(update(User).values(status="suspended"))

    answer = client.post("/v1/auth/login", json={"email": email, "password": PASSWORD})

    assert (answer.status_code, answer.get_json()["type"]) == (401, "/problems/login-failed")


@pytest.mark.parametrize("prefix", [b"2a", b"2b"])
def test_an_imported_bcrypt_hash_is_made_anew_at_the_login(client: FlaskClient, prefix: bytes) -> None:
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(rounds=4, prefix=prefix)).decode()
    email = _account(password_hash=old)

    wrong = client.post("/v1/auth/login", json={"email": email, "password": "not the password"})
    untouched = _stored_hash()
    right = client.post("/v1/auth/login", json={"email": email, "password": PASSWORD})

    assert (wrong.status_code, untouched, right.status_code) == (401, old, 200)
    assert _stored_hash().startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    again = client.post("/v1/auth/login", json={"email": email, "password": PASSWORD})
    assert again.status_code == 200


def test_a_php_bcrypt_hash_of_a_long_password_verifies() -> None:
    long = "x" * 100
    php = bcrypt.hashpw(long.encode()[:72], bcrypt.gensalt(rounds=4)).decode().replace("$2b$", "$2y$", 1)

    verdict = passwords.verify_password(php, long)

    assert verdict == passwords.Verdict(right=True, outdated=True)


def test_a_weaker_argon2_hash_is_made_anew_at_the_login(client: FlaskClient) -> None:
    email = _account(password_hash=WEAK_ARGON2)

    client.post("/v1/auth/login", json={"email": email, "password": PASSWORD})

    assert _stored_hash().startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_current_hash_stays(client: FlaskClient) -> None:
    email = _account()
    before = _stored_hash()

    client.post("/v1/auth/login", json={"email": email, "password": PASSWORD})

    assert _stored_hash() == before


def test_a_megabyte_of_password_is_refused_before_it_is_hashed(client: FlaskClient) -> None:
    answer = client.post("/v1/auth/login", json={"email": "a@example.com", "password": "x" * 900_000})

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["password"])


def test_200_logins_at_once_leave_threads_for_everybody_else(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, body = client.application, {"email": _account(), "password": "not the password"}
    all_are_at_it, may_end = Barrier(passwords.MOST_IN_LINE + 1), Event()

    def verify(_stored: str | None, _password: str) -> passwords.Verdict:
        all_are_at_it.wait(timeout=20)
        may_end.wait(timeout=20)
        return passwords.Verdict(right=False, outdated=False)

    def log_in() -> int:
        return app.test_client().post("/v1/auth/login", json=body).status_code

    monkeypatch.setattr(workflows, "verify_password", verify)
    with ThreadPoolExecutor(passwords.MOST_IN_LINE) as pool:
        first = [pool.submit(log_in) for _ in range(passwords.MOST_IN_LINE)]
        all_are_at_it.wait(timeout=20)
        refused = [client.post("/v1/auth/login", json=body) for _ in range(200 - len(first))]
        other = client.get("/v1/categories")
        may_end.set()
    monkeypatch.undo()

    assert {(each.status_code, each.headers["Retry-After"]) for each in refused} == {(503, "2")}
    assert (other.status_code, {each.result() for each in first}) == (200, {401})
    # Whoever was turned away has not tried, and there is room again.
    assert log_in() == 401
