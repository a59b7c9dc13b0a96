"""Passwords that somebody tries, and the owner who wants to get in meanwhile."""

from collections import Counter
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.events.services import publish_slot
from app.identity.errors import TooManyLogins
from app.identity.services import guessing
from app.identity.services.guessing import Origin
from app.platform.db import transaction
from app.platform.settings import settings
from config import LoginLimits
from tests.database import change, rows
from tests.factories import PASSWORD, make_user
from tests.threads import at_once
from tests.work import drain

HOME, ELSEWHERE = "198.51.100.1", "203.0.113.9"
LIMITS = LoginLimits(per_account=10, per_address=50, window=timedelta(minutes=15))


def try_password(client: FlaskClient, email: str, password: str, *, at: str) -> TestResponse:
    body = {"email": email, "password": password}
    return client.post("/v1/auth/login", json=body, environ_base={"REMOTE_ADDR": at})


def admit(email: str, *, at: str) -> bool:
    """Whether a try is let through, for an account that nobody has."""
    origin = Origin(address=at, key=settings().jwt_secret_key, limits=LIMITS)
    try:
        with transaction() as session:
            guessing.admit(session, email=email, user_id=None, origin=origin)
    except TooManyLogins:
        return False
    return True


@pytest.fixture
def owner(client: FlaskClient) -> str:
    """Somebody who has logged in at home."""
    with transaction() as session:
        make_user(session, email="owner@example.com")
    assert try_password(client, "owner@example.com", PASSWORD, at=HOME).status_code == 200
    return "owner@example.com"


def test_a_thousand_guesses_from_a_thousand_addresses_get_ten_tries_and_the_owner_gets_in(
    client: FlaskClient, owner: str
) -> None:
    addresses = [f"203.0.{number // 250}.{number % 250}" for number in range(1_000)]

    statuses = Counter(
        try_password(client, owner, f"guess of {address}", at=address).status_code
        for address in addresses[:50]
    )
    more = sum(admit(owner, at=address) for address in addresses[50:])

    assert (statuses, more) == ({401: 10, 429: 40}, 0)
    assert try_password(client, owner, PASSWORD, at=HOME).status_code == 200
    stranger = try_password(client, owner, PASSWORD, at=ELSEWHERE)
    assert (stranger.status_code, stranger.get_json()["type"]) == (429, "/problems/too-many-logins")
    assert 1 <= int(stranger.headers["Retry-After"]) <= 90


def test_the_right_password_is_not_counted(client: FlaskClient, owner: str) -> None:
    for number in range(30):
        assert try_password(client, owner, PASSWORD, at=f"203.0.113.{number}").status_code == 200

    assert rows("SELECT count(*) FROM login_tries WHERE free_at > now()") == [(0,)]


def test_an_account_that_nobody_has_is_refused_as_one_that_somebody_has(
    client: FlaskClient, owner: str
) -> None:
    def tries(email: str) -> list[int]:
        return [
            try_password(client, email, "wrong", at=f"203.0.113.{number}").status_code for number in range(12)
        ]

    assert tries("nobody@example.com") == tries(owner) == [401] * 10 + [429] * 2


def test_one_address_may_fail_at_fifty_accounts(client: FlaskClient) -> None:
    let_through = [admit(f"{number}@example.com", at=ELSEWHERE) for number in range(52)]

    assert let_through == [True] * 50 + [False] * 2
    assert admit("51@example.com", at=HOME)


def test_of_many_tries_at_once_no_more_are_let_through(client: FlaskClient) -> None:
    let_through = at_once(
        lambda thread: sum(admit("one@example.com", at=f"203.0.113.{thread}") for _ in range(5))
    )

    assert sum(let_through) == 10


def test_tries_are_forgotten_one_by_one(client: FlaskClient) -> None:
    for number in range(10):
        admit("one@example.com", at=f"203.0.113.{number}")
    assert not admit("one@example.com", at=HOME)

    change("UPDATE login_tries SET free_at = free_at - interval '91 seconds'")

    assert admit("one@example.com", at=HOME)
    assert not admit("one@example.com", at=HOME)


def test_a_refused_try_counts_nothing(client: FlaskClient) -> None:
    for number in range(10):
        admit("one@example.com", at=f"203.0.113.{number}")
    before = rows("SELECT * FROM login_tries ORDER BY fingerprint")

    assert not admit("one@example.com", at=ELSEWHERE)
    assert rows("SELECT * FROM login_tries ORDER BY fingerprint") == before


def test_guesses_from_the_owners_address_are_counted_for_it_alone(client: FlaskClient, owner: str) -> None:
    tries = [try_password(client, owner, "wrong", at=HOME).status_code for _ in range(11)]

    assert tries == [401] * 10 + [429]
    assert try_password(client, owner, PASSWORD, at=ELSEWHERE).status_code == 200


def test_an_address_is_known_for_ninety_days_and_by_its_own_account_only(
    client: FlaskClient, owner: str
) -> None:
    with transaction() as session:
        make_user(session, email="other@example.com")
    for email in (owner, "other@example.com"):
        for number in range(10):
            try_password(client, email, "wrong", at=f"203.0.113.{number}")
    assert try_password(client, "other@example.com", PASSWORD, at=HOME).status_code == 429

    change("UPDATE known_addresses SET seen_at = now() - interval '91 days'")

    assert try_password(client, owner, PASSWORD, at=HOME).status_code == 429


def test_what_is_stored_tells_neither_mail_nor_network_addresses(client: FlaskClient, owner: str) -> None:
    try_password(client, owner, "wrong", at=ELSEWHERE)

    stored = str(rows("SELECT * FROM login_tries")) + str(rows("SELECT * FROM known_addresses"))

    assert [word for word in (HOME, ELSEWHERE, "owner") if word in stored] == []


def test_what_limits_nobody_any_more_is_deleted(client: FlaskClient, owner: str) -> None:
    admit("one@example.com", at=HOME)
    admit("two@example.com", at=ELSEWHERE)
    change("UPDATE login_tries SET free_at = now() - interval '1 second'")
    admit("three@example.com", at=ELSEWHERE)
    with transaction() as session:
        publish_slot(session, "identity.forget_login_tries", timedelta(hours=1))

    ran = drain()

    assert ran == ["identity.forget_login_tries"]
    assert rows("SELECT count(*) FROM login_tries") == [(2,)]
    assert rows("SELECT count(*) FROM known_addresses") == [(1,)]
