"""A new password by the link of a mail."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.identity.errors import LinkNotValid
from app.identity.services import links
from app.platform.db import transaction
from app.platform.settings import settings
from tests.database import change, rows
from tests.factories import PASSWORD, bearer, make_user
from tests.identity.mailed import newest_token

ANOTHER = "a green lamp on a long table"
RESET = "password_reset"


@pytest.fixture
def email(client: FlaskClient) -> str:
    """The address of a committed customer."""
    with transaction() as session:
        return make_user(session).email


def ask(client: FlaskClient, email: str) -> Any:
    return client.post("/v1/auth/password-reset", json={"email": email})


def confirm(client: FlaskClient, token: str, password: str = ANOTHER) -> Any:
    body = {"token": token, "password": password}
    return client.post("/v1/auth/password-reset/confirm", json=body)


def log_in(client: FlaskClient, email: str, password: str) -> int:
    body = {"email": email, "password": password}
    return client.post("/v1/auth/login", json=body).status_code


def test_the_link_sets_a_new_password_and_ends_every_login(client: FlaskClient, email: str) -> None:
    headers = bearer(client, email)
    asked = ask(client, f" {email.upper()} ")

    answer = confirm(client, newest_token(RESET))

    assert (asked.status_code, asked.data, answer.status_code, answer.data) == (202, b"", 204, b"")
    assert client.get("/v1/users/me", headers=headers).status_code == 401
    assert (log_in(client, email, PASSWORD), log_in(client, email, ANOTHER)) == (401, 200)
    assert rows("SELECT email_verified_at IS NOT NULL FROM users") == [(True,)]
    topics = rows("SELECT topic FROM events ORDER BY sequence")
    assert topics == [("identity.password_reset_requested",), ("identity.password_changed",)]


def test_a_link_works_once_and_takes_the_others_with_it(client: FlaskClient, email: str) -> None:
    ask(client, email)
    older = newest_token(RESET)
    ask(client, email)
    newer = newest_token(RESET)
    confirm(client, newer)

    answers = [confirm(client, token, "yet another password") for token in (newer, older)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert {answer.get_json()["type"] for answer in answers} == {"/problems/link-not-valid"}
    assert log_in(client, email, ANOTHER) == 200


def test_of_two_who_open_a_link_at_once_one_wins(client: FlaskClient, email: str) -> None:
    ask(client, email)
    token, wanted = newest_token(RESET), [f"{ANOTHER} {number}" for number in range(4)]
    apart = [client.application.test_client() for _ in wanted]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda i: confirm(apart[i], token, wanted[i]).status_code, range(4)))

    assert sorted(answers) == [204, 404, 404, 404]
    assert log_in(client, email, wanted[answers.index(204)]) == 200


@pytest.mark.parametrize(
    "afterwards",
    [
        "UPDATE mail_links SET expires_at = now()",
        "UPDATE users SET email = 'other@example.com'",
        "UPDATE users SET status = 'suspended'",
        "UPDATE users SET status = 'deleted', deleted_at = now()",
        "UPDATE mail_links SET purpose = 'email_verification'",
        "UPDATE mail_links SET email = 'other@example.com'",
    ],
)
def test_a_link_is_for_one_purpose_one_address_and_a_short_time(
    client: FlaskClient, email: str, afterwards: str
) -> None:
    ask(client, email)
    token = newest_token(RESET)
    before = rows("SELECT password_hash FROM users")
    change(afterwards)

    assert confirm(client, token).status_code == 404
    assert rows("SELECT password_hash FROM users") == before


@pytest.mark.parametrize("changed", ["x", "{id}.", "{id}", "{id}.{mac}x", "{id}.{other}", "{mac}", "{id}.é"])
def test_a_token_that_was_not_mailed_opens_nothing(client: FlaskClient, email: str, changed: str) -> None:
    ask(client, email)
    link_id, _, mac = newest_token(RESET).partition(".")

    answer = confirm(client, changed.format(id=link_id, mac=mac, other="A" * len(mac)))

    assert (answer.status_code, answer.get_json()["type"]) == (404, "/problems/link-not-valid")
    assert log_in(client, email, PASSWORD) == 200


def test_a_common_password_is_refused_and_leaves_the_link_open(client: FlaskClient, email: str) -> None:
    ask(client, email)
    token = newest_token(RESET)

    assert list(confirm(client, token, "Password123").get_json()["errors"]) == ["password"]
    assert confirm(client, token).status_code == 204


def test_a_token_of_a_key_that_is_being_replaced_is_believed(client: FlaskClient, email: str) -> None:
    ask(client, email)
    token = newest_token(RESET)
    with transaction() as session:
        ours = links.check(
            session, token, purposes={RESET}, secrets=("another key", settings().jwt_secret_key)
        )
        with pytest.raises(LinkNotValid):
            links.check(session, token, purposes={RESET}, secrets=("another key",))

    assert ours.email == email


def test_nothing_that_is_stored_holds_the_token(client: FlaskClient, email: str) -> None:
    ask(client, email)
    secret = newest_token(RESET).partition(".")[2]

    for table in ("mail_links", "events", "deliveries", "messages"):
        assert not [row for row in rows(f"SELECT t::text FROM {table} t") if secret in row[0]]  # noqa: S608


def test_an_unknown_address_is_answered_the_same_by_the_same_statements(
    client: FlaskClient, email: str
) -> None:
    with statements() as known:
        yes = ask(client, email)
    with statements() as unknown:
        no = ask(client, "nobody@example.com")

    assert (yes.status_code, yes.data) == (no.status_code, no.data) == (202, b"")
    assert known == unknown
    assert rows("SELECT user_id IS NULL, email FROM mail_links ORDER BY id") == [(False, email), (True, None)]


def test_an_unknown_address_takes_as_long(client: FlaskClient, email: str) -> None:
    seconds: dict[str, list[float]] = {email: [], "nobody@example.com": []}
    for _ in range(60):
        for asked, taken in seconds.items():
            started = time.perf_counter()
            ask(client, asked)
            taken.append(time.perf_counter() - started)

    yes, no = (median(taken) for taken in seconds.values())
    assert abs(yes - no) < 0.005


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are sent to the database in the block."""
    seen: list[str] = []

    def note(*arguments: Any) -> None:
        seen.append(arguments[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_no_link_does_what_another_is_for(client: FlaskClient, email: str) -> None:
    headers = bearer(client, email)
    client.post("/v1/users/me/email-verification", headers=headers)
    client.post("/v1/users/me/email", json={"email": "new@example.com"}, headers=headers)
    ask(client, email)
    before = rows("SELECT email, email_verified_at, password_hash FROM users")

    resets = [confirm(client, newest_token(each)) for each in (links.VERIFICATION, links.CHANGE)]
    verified = client.post("/v1/auth/verify-email", json={"token": newest_token(RESET)})

    assert [answer.status_code for answer in (*resets, verified)] == [404, 404, 404]
    assert rows("SELECT email, email_verified_at, password_hash FROM users") == before
