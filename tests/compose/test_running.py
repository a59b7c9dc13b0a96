"""The services of the file as processes: each by its own command, healthy by its own check."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
import requests
from redis.backoff import NoBackoff
from redis.retry import Retry

from deploy.new_env import EXAMPLE, new_env
from sandbox.demo.buyer import Buyer
from tests.compose.composition import Composition, read_env
from tests.compose.engine import Engine, engine
from tests.compose.locally import METRICS, WORKERS

# The stand-in's port as this machine publishes it, which is not the one inside.
PUBLISHED = "18420"
DEVELOPMENT = read_env(new_env(EXAMPLE.read_text(), development=True)) | {"STRIPE_PORT": PUBLISHED}
SHOP = ("live", *WORKERS, "beat", "flower")


@pytest.fixture(scope="module")
def shop() -> Iterator[Engine]:
    """Everything of the development profile, in the order of its dependencies."""
    with engine(Composition.of(DEVELOPMENT), "development") as started:
        started.start("postgres", "cache", "broker", "stripe", "mail")
        started.complete("migrate")
        started.complete("seed")
        started.start("api", *SHOP)
        yield started
        # Nothing may need force.
        assert started.stop("api", *SHOP) == dict.fromkeys(("api", *SHOP), 0)


def test_the_services_sell_something(shop: Engine) -> None:
    buyer = Buyer(shop.here.url("api", 8000))
    buyer.register()
    buyer.add_to_cart(buyer.find_variant())
    placed = buyer.check_out()
    order_id = placed["order"]["id"]

    buyer.pay(
        placed["payment"]["provider_id"],
        stripe_base=shop.here.url("stripe", 8420),
        key=DEVELOPMENT["STRIPE_API_KEY"],
    )

    buyer.await_("the end", lambda: _topics(buyer, order_id) >= {"orders.paid", "orders.finalized"} or None)
    buyer.await_("both mails", lambda: len(_mails(shop, buyer)) == 2 or None)
    assert buyer.order(order_id)["payment_status"] == "paid"
    assert set(_told_live(shop, buyer, order_id, count=4)) >= {"orders.placed", "orders.paid"}


def test_browsers_find_the_pages_of_the_stand_in_at_the_port_of_this_machine(shop: Engine) -> None:
    session = _told_stripe(
        shop,
        "checkout/sessions",
        {
            "mode": "payment",
            "success_url": "http://127.0.0.1/",
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": "usd",
            "line_items[0][price_data][unit_amount]": "1000",
            "line_items[0][price_data][product_data][name]": "Order",
        },
    )
    card = {"payment_method": "pm_card_threeDSecure2Required", "confirm": "true"}
    intent = _told_stripe(
        shop,
        "payment_intents",
        {"amount": "1000", "currency": "usd", "return_url": "http://127.0.0.1/", **card},
    )

    pages = [session["url"], intent["next_action"]["redirect_to_url"]["url"]]
    assert [urlsplit(page).netloc for page in pages] == [f"127.0.0.1:{PUBLISHED}"] * 2


def test_flower_asks_who_is_there(shop: Engine) -> None:
    pages = [f"{shop.here.url('flower', 5555)}{path}" for path in ("/workers", "/api/workers", "/tasks")]
    login = ("admin", DEVELOPMENT["FLOWER_PASSWORD"])

    assert [requests.get(page, timeout=10).status_code for page in pages] == [401] * 3
    assert requests.get(pages[0], auth=login, timeout=10).status_code == 200


def test_prometheus_reads_the_metrics_of_api_and_workers_and_no_stranger_those_of_the_api(
    shop: Engine,
) -> None:
    page = f"{shop.here.url('api', 8000)}/metrics"
    token = {"Authorization": f"Bearer {DEVELOPMENT['METRICS_TOKEN']}"}
    pages = [requests.get(f"{shop.here.url(name, METRICS)}/metrics", timeout=10) for name in WORKERS]

    assert requests.get(page, timeout=10).status_code == 401
    assert "backroom_http_requests_total" in requests.get(page, headers=token, timeout=10).text
    assert [answer.status_code for answer in pages] == [200] * 3
    assert all("backroom_processes" in answer.text for answer in pages)


@pytest.mark.parametrize("name", ["cache", "broker"])
def test_redis_obeys_nobody_without_the_password_and_nobody_may_flush_it(shop: Engine, name: str) -> None:
    stranger = redis.Redis(port=shop.here.port(name, 6379), retry=Retry(NoBackoff(), 0))
    password = DEVELOPMENT[f"{name.upper()}_PASSWORD"]
    known = redis.Redis(port=shop.here.port(name, 6379), username="backroom", password=password)

    with stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    with known:
        assert known.ping()
        with pytest.raises(redis.exceptions.NoPermissionError):
            known.flushall()


def test_a_health_check_fails_when_its_service_does_not_answer(shop: Engine) -> None:
    elsewhere = Engine(shop.here.folder, Composition.of(DEVELOPMENT), "development")

    assert [name for name in ("postgres", "cache", "api") if elsewhere.healthy(name)] == []


@pytest.mark.parametrize("name", ["migrate", "beat"])
def test_a_weak_secret_in_production_ends_the_process_with_one_line(name: str) -> None:
    production = DEVELOPMENT | {"APP_ENV": "production", "PUBLIC_URL": "https://shop.example.com"}
    weak = Composition.of(production | {"JWT_SECRET_KEY": "secret"})
    with engine(weak, "development") as unstarted:
        command = unstarted.command(name)

    ended = _run(command)

    assert ended.returncode != 0
    assert (
        "Backroom cannot start: JWT_SECRET_KEY is too weak: use at least 32 random characters."
        in ended.stderr
    )


def _run(command: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own program
        command.argv,
        env=command.env,
        cwd=command.cwd,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def _told_stripe(shop: Engine, path: str, parameters: dict[str, str]) -> dict[str, Any]:
    answer = requests.post(
        f"{shop.here.url('stripe', 8420)}/v1/{path}",
        data=parameters,
        auth=(DEVELOPMENT["STRIPE_API_KEY"], ""),
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _topics(buyer: Buyer, order_id: str) -> set[str]:
    return {item["topic"] for item in buyer.timeline(order_id)}


def _told_live(shop: Engine, buyer: Buyer, order_id: str, *, count: int) -> list[str]:
    """The first news of the order, from where its stream is on this machine."""
    place = buyer.ask("GET", f"/v1/orders/{order_id}/events", allow_redirects=False).headers["Location"]
    url = place.replace(DEVELOPMENT["LIVE_URL"], shop.here.url("live", 8010))
    with requests.get(f"{url}&last_event_id=0-0", stream=True, timeout=10) as stream:
        lines = (line for line in stream.iter_lines(chunk_size=1) if line.startswith(b"data: "))
        return [json.loads(line[6:])["topic"] for line, _ in zip(lines, range(count), strict=False)]


def _mails(shop: Engine, buyer: Buyer) -> list[dict[str, Any]]:
    page = f"{shop.here.url('mail', 8025)}/messages.json"
    items: list[dict[str, Any]] = requests.get(page, timeout=10).json()["items"]
    return [mail for mail in items if buyer.email in mail["to"] and "order" in mail["subject"]]
