from collections.abc import Mapping
from typing import Any

import pytest
from flask import Response
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.identity.auth import requires
from app.platform import db, idempotency
from app.platform.db import transaction
from app.platform.errors import Conflict
from tests.database import change, count
from tests.factories import signed_in
from tests.platform.routes import POST, Views, effective

BODY = {"change": 5}
"""What the requests of these tests say, unless they say so."""


@pytest.fixture
def guarded(views: Views) -> None:
    """A view with one effect, for those who are logged in."""
    views.post(requires()(idempotency.idempotent(effective)))


def post(client: FlaskClient, key: str, who: Mapping[str, str], body: Any = BODY) -> TestResponse:
    return client.post(POST, json=body, headers={**who, "Idempotency-Key": key})


pytestmark = pytest.mark.usefixtures("guarded")


def test_the_same_request_again_gets_the_same_answer_and_does_nothing(client: FlaskClient) -> None:
    who = signed_in(client)
    first = post(client, "a", who)

    again = [post(client, "a", who) for _ in range(3)]

    assert (first.status_code, first.get_json()) == (201, {"effects": 1})
    assert "Idempotent-Replayed" not in first.headers
    assert {(each.status_code, each.get_data(), each.content_type) for each in again} == {
        (201, first.get_data(), first.content_type)
    }
    assert {each.headers["Idempotent-Replayed"] for each in again} == {"true"}
    assert count("events") == 1


def test_the_order_of_the_bodys_fields_makes_no_other_request(client: FlaskClient) -> None:
    who = signed_in(client)
    post(client, "a", who, {"change": 5, "note": "x"})

    again = post(client, "a", who, {"note": "x", "change": 5})

    assert again.headers["Idempotent-Replayed"] == "true"


def test_without_a_key_each_request_is_work_of_its_own(client: FlaskClient) -> None:
    who = signed_in(client)

    answers = [client.post(POST, json=BODY, headers=who) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert (count("events"), count("idempotency_keys")) == (2, 0)


def test_another_body_under_the_same_key_is_refused(client: FlaskClient) -> None:
    who = signed_in(client)
    post(client, "a", who)

    other = post(client, "a", who, {"change": 6})

    assert (other.status_code, other.get_json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert count("events") == 1


def test_somebody_elses_key_is_another_key(client: FlaskClient) -> None:
    ada, bob = signed_in(client), signed_in(client)
    post(client, "a", ada)

    answer = post(client, "a", bob, {"change": 6})

    assert answer.status_code == 201
    assert "Idempotent-Replayed" not in answer.headers
    assert count("events") == 2


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é", "a\tb"])
def test_a_key_that_is_none_is_refused(client: FlaskClient, key: str) -> None:
    answer = post(client, key, signed_in(client))

    assert (answer.status_code, answer.get_json()["type"]) == (400, "/problems/bad-request")
    assert count("events") == 0


def test_where_money_is_at_stake_a_key_is_required(client: FlaskClient) -> None:
    address = {"name": "Ada", "line1": "1 Lane", "city": "London", "country": "GB"}
    body = {"shipping_address": address, "shipping_method": "standard", "payment_flow": "payment_intent"}

    answer = client.post("/v1/checkout", json=body, headers=signed_in(client))

    assert (answer.status_code, answer.get_json()["type"]) == (400, "/problems/idempotency-key-missing")


def test_a_failure_is_not_kept(client: FlaskClient, views: Views) -> None:
    def fail(*, session: Session) -> Response:
        effective(session=session)
        raise Conflict("Not now.")

    who = signed_in(client)
    views.post(requires()(idempotency.idempotent(fail)))
    failed = post(client, "a", who)
    views.post(requires()(idempotency.idempotent(effective)))

    assert failed.status_code == 409
    assert (count("events"), count("idempotency_keys")) == (0, 0)
    later = post(client, "a", who)
    assert (later.status_code, count("events")) == (201, 1)


def test_an_answer_that_was_lost_after_the_commit_is_given_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = signed_in(client)

    def crash(_: Session) -> None:
        raise RuntimeError("the process ends here")

    with monkeypatch.context() as patched:
        patched.setattr(db, "_after_commit", {"crash": crash})
        lost = post(client, "a", who)
    assert (lost.status_code, count("idempotency_keys")) == (500, 1)

    again = post(client, "a", who)

    assert (again.status_code, again.get_json()) == (201, {"effects": 1})
    assert again.headers["Idempotent-Replayed"] == "true"
    assert count("events") == 1


def test_after_a_day_a_key_is_forgotten(client: FlaskClient) -> None:
    who = signed_in(client)
    post(client, "a", who)
    change("UPDATE idempotency_keys SET created_at = now() - interval '23 hours 59 minutes'")
    assert post(client, "a", who).headers["Idempotent-Replayed"] == "true"

    change("UPDATE idempotency_keys SET created_at = now() - interval '24 hours 1 second'")
    answer = post(client, "a", who, {"change": 6})

    assert (answer.status_code, count("events")) == (201, 2)
    assert post(client, "a", who, {"change": 6}).headers["Idempotent-Replayed"] == "true"


def test_old_keys_are_deleted_and_young_ones_kept(client: FlaskClient) -> None:
    who = signed_in(client)
    post(client, "old", who)
    change("UPDATE idempotency_keys SET created_at = now() - interval '24 hours 1 second'")
    post(client, "young", who)

    with transaction() as session:
        assert idempotency.forget_old(session, limit=500) == 1
    with transaction() as session:
        assert idempotency.forget_old(session, limit=500) == 0
    assert post(client, "young", who).headers["Idempotent-Replayed"] == "true"


def test_routes_that_show_a_secret_ignore_the_key(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "a"}
    body = {"email": "ada@example.com", "password": "correct horse battery"}

    answers = [client.post("/v1/auth/login", json=body, headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert count("idempotency_keys") == 0
