"""The shop on servers that somebody else runs, given by their URLs."""

from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest
import redis

from sandbox.postgres import Postgres
from tests.servers import Valkeys, running_postgres, running_valkeys, temporary_folder
from tests.system.processes import living
from tests.system.shop import Shop
from tests.system.shopping import place_order

EMBEDDED = ("postgres", "redis", "broker")


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    with running_postgres() as started:
        yield started


@pytest.fixture
def valkeys() -> Iterator[Valkeys]:
    with running_valkeys() as started:
        yield started


def test_the_shop_uses_the_servers_it_is_told_of_and_leaves_them_running(
    postgres: Postgres, valkeys: Valkeys
) -> None:
    told = {
        "DATABASE_URL": _owned_database(postgres),
        "REDIS_URL": valkeys.cache.url,
        "CELERY_BROKER_URL": valkeys.broker.url,
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
    with redis.Redis.from_url(valkeys.broker.url) as broker:
        assert [key for key in broker.scan_iter() if not key.startswith(b"backroom:")] == []


def _owned_database(postgres: Postgres) -> str:
    """A database whose owner is nothing else: no superuser, as on most servers."""
    with psycopg.connect(postgres.plain_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE shopkeeper LOGIN PASSWORD 'of-this-test'")
        connection.execute("CREATE DATABASE shop OWNER shopkeeper")
    return f"postgresql://shopkeeper:of-this-test@127.0.0.1:{postgres.port}/shop"
