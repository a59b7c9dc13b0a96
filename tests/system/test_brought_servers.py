"""The shop on servers that somebody else runs, given by their URLs."""

from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest
import redis

from tests.servers import Servers, running_servers, temporary_folder
from tests.system.processes import living
from tests.system.shop import Shop
from tests.system.shopping import place_order

EMBEDDED = ("postgres", "redis", "broker")


@pytest.fixture
def servers() -> Iterator[Servers]:
    with running_servers() as started:
        yield started


def test_the_shop_uses_the_servers_it_is_told_of_and_leaves_them_running(servers: Servers) -> None:
    told = {
        "DATABASE_URL": _owned_database(servers),
        "REDIS_URL": servers.cache.url,
        "CELERY_BROKER_URL": servers.broker.url,
    }
    with temporary_folder() as folder, ExitStack() as until_the_end:
        shop = Shop(folder, "--no-demo", **told)
        until_the_end.callback(shop.close)
        sale = place_order(shop, told=False)
        sale.pay()
        sale.await_sold_once()
        facts = shop.facts

        shop.close()

        assert {name: facts["pids"][name] for name in EMBEDDED} == {name: [] for name in EMBEDDED}
        assert [facts[name] for name in ("database_url", "redis_url", "broker_url")] == list(told.values())
        assert not (folder / "var/postgres").exists()
        assert living(folder) == []
    with psycopg.connect(told["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT status FROM orders").fetchall() == [("paid",)]
    with redis.Redis.from_url(servers.broker.url) as broker:
        assert [key for key in broker.scan_iter() if not key.startswith(b"backroom:")] == []


def _owned_database(servers: Servers) -> str:
    """A database whose owner is nothing else: no superuser, as on most servers."""
    with psycopg.connect(servers.postgres.plain_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE shopkeeper LOGIN PASSWORD 'of-this-test'")
        connection.execute("CREATE DATABASE shop OWNER shopkeeper")
    return f"postgresql://shopkeeper:of-this-test@127.0.0.1:{servers.postgres.port}/shop"
