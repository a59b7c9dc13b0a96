from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from app.platform.environment import Environment
from app.platform.rate_limits.guarding import EXTENSION, RateLimits, network_of
from app.platform.rate_limits.policy import policy_from
from app.platform.rate_limits.tally import Tally
from tests.database import rows
from tests.factories import signed_in
from tests.keys import key_headers

HERE, THERE = {"REMOTE_ADDR": "198.51.100.7"}, {"REMOTE_ADDR": "198.51.100.8"}
Limited = Callable[[str], None]


@pytest.fixture
def limited(app: Flask, urls: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Limited:
    """Gives the application a policy, and an empty Redis."""

    def limit(entries: str) -> None:
        server: Redis = Redis.from_url(urls["cache"])
        for name in server.scan_iter("rate:*"):
            server.delete(name)
        policy = policy_from(Environment({"RATE_LIMITS": entries}))
        limits: RateLimits = app.extensions[EXTENSION]
        monkeypatch.setattr(limits, "policy", policy)
        monkeypatch.setattr(limits, "tally", Tally(server))

    return limit


def test_each_answer_says_what_is_left_and_one_too_many_is_refused(
    client: FlaskClient, limited: Limited
) -> None:
    limited("read.address=3")

    answers = [client.get("/v1/categories", environ_base=HERE) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"3"}
    assert 1 <= int(answers[0].headers["RateLimit-Reset"]) <= 60
    problem = answers[3].get_json()
    assert problem["type"] == "/problems/too-many-requests"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 120
    assert client.get("/v1/categories", environ_base=THERE).status_code == 200


def test_users_are_counted_by_themselves_wherever_they_are(client: FlaskClient, limited: Limited) -> None:
    ada, bob = signed_in(client), signed_in(client)
    limited("read.address=1, read.user=2")
    client.get("/v1/categories", environ_base=HERE)

    adas = [
        client.get("/v1/users/me", headers=ada, environ_base=where).status_code
        for where in (HERE, THERE, HERE)
    ]

    assert adas == [200, 200, 429]
    assert client.get("/v1/users/me", headers=bob, environ_base=HERE).status_code == 200


def test_keys_are_counted_by_their_client(client: FlaskClient, limited: Limited) -> None:
    one, other = key_headers("stock:read"), key_headers("stock:read")
    limited("read.address=1, read.key=2")

    answers = [client.get("/v1/admin/inventory", headers=one, environ_base=HERE) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert client.get("/v1/admin/inventory", headers=other, environ_base=HERE).status_code == 200


def test_what_is_public_is_counted_for_the_address_whatever_is_brought_along(
    client: FlaskClient, limited: Limited
) -> None:
    limited("read.address=1")

    answers = [
        client.get("/v1/categories", headers={"Authorization": f"Bearer {number}"}, environ_base=HERE)
        for number in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 429]


@pytest.mark.parametrize(
    ("header", "path"), [("Authorization", "/v1/users/me"), ("X-Api-Key", "/v1/admin/inventory")]
)
def test_credentials_that_are_no_good_run_into_a_limit_of_their_own(
    client: FlaskClient, limited: Limited, header: str, path: str
) -> None:
    limited("rejected.address=2, read.address=1")

    answers = [
        client.get(path, headers={header: f"Bearer {number}"}, environ_base=HERE) for number in range(3)
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert client.get("/v1/categories", environ_base=HERE).status_code == 200


def test_bad_tokens_keep_no_good_one_of_the_same_address_out(client: FlaskClient, limited: Limited) -> None:
    ada, ended = signed_in(client), signed_in(client)
    client.post("/v1/auth/logout", headers=ended)
    limited("rejected.address=2")

    bad = [client.get("/v1/users/me", headers=ended, environ_base=HERE).status_code for _ in range(3)]

    assert bad == [401, 401, 429]
    assert client.get("/v1/users/me", headers=ada, environ_base=HERE).status_code == 200


def test_all_users_of_an_address_are_counted_together_as_well(client: FlaskClient, limited: Limited) -> None:
    users = [signed_in(client) for _ in range(4)]
    limited("read.together=2, read.user=1")

    answers = [client.get("/v1/users/me", headers=users[each], environ_base=HERE) for each in (0, 0, 0, 1, 2)]

    # What is refused to one of them is not counted for the others.
    assert [answer.status_code for answer in answers] == [200, 429, 429, 200, 429]
    assert [answer.headers["RateLimit-Limit"] for answer in answers] == ["1", "1", "1", "1", "2"]
    assert client.get("/v1/users/me", headers=users[3], environ_base=THERE).status_code == 200


@pytest.mark.parametrize(
    "brought", [{"X-Api-Key": "mine"}, {"Authorization": ""}, {"X-Api-Key": "mine", "Authorization": ""}]
)
def test_no_header_makes_a_guest_uncounted(
    client: FlaskClient, limited: Limited, brought: dict[str, str]
) -> None:
    limited("order.address=2")
    guest = brought | {"X-Cart-Token": "a" * 43}

    answers = [client.post("/v1/checkout", json={}, headers=guest, environ_base=HERE) for _ in range(3)]

    assert [answer.status_code for answer in answers][2] == 429
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"2"}


def test_logins_are_counted_by_address_apart_from_everything_else(
    client: FlaskClient, limited: Limited
) -> None:
    limited("entry.address=2")
    wrong = {"email": "nobody@example.com", "password": "wrong"}

    answers = [client.post("/v1/auth/login", json=wrong, environ_base=HERE) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert client.get("/v1/categories", environ_base=HERE).status_code == 200
    assert rows("SELECT count(*) FROM user_sessions") == [(0,)]


def test_probes_are_never_refused_and_unknown_addresses_are(client: FlaskClient, limited: Limited) -> None:
    limited("*.*=1")

    probes = [client.get("/health", environ_base=HERE) for _ in range(3)]
    unknown = [client.get("/nowhere", environ_base=HERE).status_code for _ in range(2)]

    assert [answer.status_code for answer in probes] == [200, 200, 200]
    assert "RateLimit-Limit" not in probes[0].headers
    assert unknown == [404, 429]


def test_a_subscriber_of_ipv6_is_one_caller_with_all_addresses() -> None:
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::9") == "2001:db8:1:2::"
    assert network_of("2001:db8:1:3::9") == "2001:db8:1:3::"
    assert network_of("::ffff:198.51.100.7") == "198.51.100.7"
    assert network_of("fe80::1%eth0") == "fe80::"
