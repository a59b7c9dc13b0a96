import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from app.catalog import services
from app.platform.cache import answers
from app.platform.cache import store as stores
from app.platform.cache.answers import ANSWERS, EXTENSION, Answers
from app.platform.cache.store import Store
from app.platform.db import transaction
from app.platform.redis_server import impatient
from config import Settings
from sandbox.ports import free_port
from sandbox.ready import listens, wait_until
from sandbox.valkey import Valkey
from tests.cache.conftest import POLICY
from tests.cache.second_process import PATIENCE_SECONDS
from tests.catalog.statements import counted_statements
from tests.factories import MadeProduct, make_product, money, signed_in
from tests.threads import together

ROUTE = "/v1/products/<reference>"
PATH = "/v1/products/chair"
EACH = 100
PROMISED_SECONDS = 1


@pytest.fixture(scope="module")
def other_process(
    app: Flask, settings: Settings, urls: dict[str, str], shared_server: Valkey
) -> Iterator[str]:
    """The address of a second process of the API, on the same database and Redis."""
    port = free_port()
    environment = os.environ | {
        "APP_ENV": settings.app_env,
        "DATABASE_URL": urls["database"],
        "REDIS_URL": shared_server.url,
        "CELERY_BROKER_URL": urls["broker"],
        "JWT_SECRET_KEY": settings.jwt_secret_key,
        "STRIPE_API_KEY": settings.stripe_api_key,
        "STRIPE_WEBHOOK_SECRET": settings.stripe_webhook_secrets[0],
        "SMTP_HOST": "127.0.0.1",
        "MAIL_FROM": "Backroom <shop@example.com>",
        "RATE_LIMITS": "*.*=1000000000",
    }
    command = [sys.executable, "-m", "tests.cache.second_process", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603  # our own
    try:
        wait_until(lambda: listens(port), within=60, failure="The second process does not listen.")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def patient(shop: FlaskClient, app: Flask, server: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process waits as long as the other one does."""
    store = Store(impatient(server.url, seconds=PATIENCE_SECONDS, ca_file=None), POLICY)
    monkeypatch.setitem(app.extensions, EXTENSION, Answers(POLICY, store))
    monkeypatch.setattr(stores, "LOCK_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(answers, "WAIT_SECONDS", PATIENCE_SECONDS)


@pytest.fixture
def chair(shop: FlaskClient) -> MadeProduct:
    with transaction() as session:
        return make_product(session, slug="chair", price=1000)


def turns_of(address: str) -> float:
    """How often the other process has read the product."""
    wanted = f'backroom_cache_answers_total{{outcome="turn",route="{ROUTE}"}}'
    lines = requests.get(f"{address}/metrics", timeout=5).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(wanted))


def test_what_one_process_changes_the_other_shows_within_a_second(
    shop: FlaskClient, other_process: str, chair: MadeProduct
) -> None:
    def here() -> object:
        return shop.get(PATH).get_json()["price"]["amount"]

    def there() -> object:
        answer = requests.get(f"{other_process}{PATH}", timeout=PROMISED_SECONDS)
        return answer.json()["price"]["amount"]

    variant = f"/v1/admin/products/{chair.id}/variants/{chair.variant_id}"
    headers = signed_in(shop, "admin")
    seen = [(here(), there())]
    assert shop.patch(variant, json={"price": money(2000)}, headers=headers).status_code == 200
    seen.append((there(), here()))
    there_too = f"{other_process}{variant}"
    assert requests.patch(there_too, json={"price": money(3000)}, headers=headers, timeout=5).ok
    seen.append((here(), there()))

    assert seen == [(1000, 1000), (2000, 2000), (3000, 3000)]


def test_of_200_who_ask_two_processes_at_once_one_reads_the_database(
    app: Flask, chair: MadeProduct, other_process: str, patient: None
) -> None:
    before = turns_of(other_process) + ANSWERS.labels(ROUTE, "turn")._value.get()

    def here(_: int) -> bytes:
        return bytes(app.test_client().get(PATH).data)

    def there(_: int) -> bytes:
        return requests.get(f"{other_process}{PATH}", timeout=10).content

    with counted_statements() as sent:
        got = together(*(partial(ask, number) for number in range(EACH) for ask in (here, there)))

    after = turns_of(other_process) + ANSWERS.labels(ROUTE, "turn")._value.get()
    assert after - before == 1
    assert len(sent) in (0, 2), "by the other process, or here: the product and its variants"
    assert len(got) == 2 * EACH
    assert len(set(got)) == 1


def test_nobody_gets_what_is_older_than_a_change_they_know_of(
    app: Flask, shop: FlaskClient, other_process: str, chair: MadeProduct
) -> None:
    stop: list[bool] = []
    known = [1000]

    def read(ask: Callable[[], int]) -> int:
        wrong = 0
        while not stop:
            least = known[0]
            wrong += ask() < least
        return wrong

    def here() -> int:
        return int(app.test_client().get(PATH).get_json()["price"]["amount"])

    def there() -> int:
        return int(requests.get(f"{other_process}{PATH}", timeout=5).json()["price"]["amount"])

    def change() -> int:
        try:
            for amount in range(1001, 1021):
                with transaction() as session:
                    changes = {"price": money(amount)}
                    services.change_variant(session, chair.id, chair.variant_id, changes, currency="USD")
                known[0] = amount
        finally:
            stop.append(True)
        return 0

    wrong = together(change, *(partial(read, ask) for ask in (here, there)))

    assert wrong == [0, 0, 0]
    assert here() == there() == 1020
