import os
import signal
import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.catalog import services
from app.platform.cache import changes
from app.platform.cache import store as stores
from app.platform.cache.answers import EXTENSION, Answers
from app.platform.cache.store import UNREACHED, Store
from app.platform.db import transaction
from app.platform.redis_server import impatient
from sandbox.valkey import Valkey
from tests.cache.conftest import POLICY
from tests.factories import MadeProduct, make_product
from tests.waiting import wait

PATH = "/v1/products/chair"


@pytest.fixture
def chair(shop: FlaskClient) -> MadeProduct:
    with transaction() as session:
        return make_product(session, slug="chair")


def rename(chair: MadeProduct, name: str) -> None:
    with transaction() as session:
        services.change_product(session, chair.id, {"name": name})


def name(shop: FlaskClient) -> str:
    answer = shop.get(PATH)
    assert answer.status_code == 200
    return str(answer.get_json()["name"])


def test_after_a_flush_the_answer_comes_from_the_database(
    shop: FlaskClient, chair: MadeProduct, server: Valkey
) -> None:
    names = [name(shop)]

    impatient(server.url, seconds=1, ca_file=None).flushall()
    rename(chair, "Deck chair")
    names.append(name(shop))
    rename(chair, "Stool")
    impatient(server.url, seconds=1, ca_file=None).flushall()
    names.append(name(shop))

    assert names == ["Garden chair", "Deck chair", "Stool"]


def test_while_redis_hangs_answers_are_right_and_quick_and_afterwards_too(
    shop: FlaskClient, chair: MadeProduct, server: Valkey
) -> None:
    assert name(shop) == "Garden chair"
    hung = UNREACHED.labels("TimeoutError")._value.get()

    os.kill(server.pid or 0, signal.SIGSTOP)
    try:
        started = time.monotonic()
        rename(chair, "Deck chair")
        names = {name(shop) for _ in range(20)}
        seconds = time.monotonic() - started
    finally:
        os.kill(server.pid or 0, signal.SIGCONT)

    assert names == {"Deck chair"}
    assert seconds < 10
    assert UNREACHED.labels("TimeoutError")._value.get() - hung == stores.BREAKER_FAILURES
    wait(until=lambda: name(shop) == name(shop) == "Deck chair")


def test_with_a_redis_that_is_stopped_answers_are_right(
    client: FlaskClient,
    app: Flask,
    own_server: Valkey,
    process: Callable[[], Store],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = Store(impatient(own_server.url, seconds=0.1, ca_file=None), POLICY)
    monkeypatch.setattr(changes, "_stores", [store])
    monkeypatch.setitem(app.extensions, EXTENSION, Answers(POLICY, store))
    with transaction() as session:
        chair = make_product(session, slug="chair")
    names = [name(client)]

    own_server.stop()
    rename(chair, "Deck chair")
    names.append(name(client))
    own_server.start()
    wait(until=lambda: store.ask("another").outcome != "unreached")
    names.append(name(client))

    assert names == ["Garden chair", "Deck chair", "Deck chair"]
