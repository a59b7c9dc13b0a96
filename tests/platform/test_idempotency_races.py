from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.identity.auth import requires
from app.platform.db import transaction
from app.platform.idempotency import IdempotencyKeyInUse, Kept, Requested, idempotent, keep, replay
from tests.database import count
from tests.factories import signed_in
from tests.platform.routes import POST, Views, effective

AT_ONCE = 6


def test_while_the_first_request_runs_the_second_is_told_to_wait(
    client: FlaskClient, app: Flask, views: Views
) -> None:
    inside, go_on = Event(), Event()

    def slow(*, session: Session) -> Response:
        inside.set()
        assert go_on.wait(timeout=20)
        return effective(session=session)

    views.post(requires()(idempotent(slow)))
    headers = signed_in(client) | {"Idempotency-Key": "a"}
    with ThreadPoolExecutor(1) as pool:
        first: Future[TestResponse] = pool.submit(app.test_client().post, POST, json={}, headers=headers)
        assert inside.wait(timeout=20)
        second = client.post(POST, json={}, headers=headers)
        go_on.set()
        answered = first.result(timeout=20)
    third = client.post(POST, json={}, headers=headers)

    assert (second.status_code, second.headers["Retry-After"]) == (409, "1")
    assert second.get_json()["type"] == "/problems/idempotency-key-in-use"
    assert (answered.status_code, third.status_code) == (201, 201)
    assert third.headers["Idempotent-Replayed"] == "true"
    assert count("events") == 1


@pytest.mark.parametrize("keys", [1, 2])
def test_of_many_at_once_one_per_key_does_the_work(
    client: FlaskClient, app: Flask, views: Views, keys: int
) -> None:
    views.post(requires()(idempotent(effective)))
    who, start = signed_in(client), Barrier(AT_ONCE)

    def post(number: int) -> TestResponse:
        start.wait(timeout=20)
        headers = who | {"Idempotency-Key": str(number % keys)}
        return app.test_client().post(POST, json={}, headers=headers)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(post, range(AT_ONCE)))

    assert {answer.status_code for answer in answers} <= {201, 409}
    did = [each for each in answers if each.status_code == 201 and "Idempotent-Replayed" not in each.headers]
    assert len(did) == count("events") == keys


def test_who_read_right_before_the_first_committed_leaves_nothing_behind(app: Flask) -> None:
    """Lock and answer come in one trip; the row says what that trip was too early to see."""
    wanted = Requested("user:a", "k", "same")
    with transaction() as session:
        keep(session, wanted, 201, {"first": True})

    with pytest.raises(IdempotencyKeyInUse), transaction() as session:
        keep(session, wanted, 201, {"second": True})

    with transaction() as session:
        assert replay(session, wanted) == Kept(201, b'{"first":true}')
