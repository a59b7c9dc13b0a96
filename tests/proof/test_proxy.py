"""The proxy in front of PostgreSQL, with a real server behind it."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import psycopg
import pytest

from proof.chaos.line import AFTER, ALONG, BEFORE
from proof.chaos.proxy import Proxy
from sandbox.ready import wait_until

BY_PROXY = "by way of the proxy"
Connect = Callable[[], "psycopg.Connection[tuple[object, ...]]"]


@pytest.fixture
def direct(urls: dict[str, str]) -> str:
    """The test's database, past the proxy."""
    return urls["database"].replace("+psycopg", "")


@pytest.fixture
def proxy(direct: str) -> Iterator[Proxy]:
    proxy = Proxy(_port(direct))
    proxy.start()
    yield proxy
    proxy.stop()


@pytest.fixture
def connect(proxy: Proxy, direct: str) -> Iterator[Connect]:
    """Opens connections by way of the proxy, to a database with the empty table `kept`."""
    with psycopg.connect(direct, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (name text)")
    opened = []

    def connect() -> psycopg.Connection[tuple[object, ...]]:
        url = direct.replace(f":{_port(direct)}/", f":{proxy.port}/")
        opened.append(psycopg.connect(url, connect_timeout=5, application_name=BY_PROXY))
        return opened[-1]

    yield connect
    for connection in opened:
        with suppress(psycopg.Error):
            connection.close()
    with psycopg.connect(direct, autocommit=True) as connection:
        connection.execute("DROP TABLE kept")


@pytest.mark.parametrize(("way", "outcomes"), [(BEFORE, [0]), (AFTER, [1]), (ALONG, [0, 1])])
def test_a_commit_that_is_cut_fails_for_the_client_and_is_done_only_if_the_server_heard_of_it(
    proxy: Proxy, connect: Connect, direct: str, way: str, outcomes: list[int]
) -> None:
    connection = connect()
    connection.execute("INSERT INTO kept VALUES ('once')")
    proxy.cut_commits(way, 1)

    with pytest.raises(psycopg.OperationalError):
        connection.commit()

    wait_until(lambda: _backends(direct) == 0, within=10, failure="its backend lives on")
    assert _kept(direct) in outcomes
    assert proxy.weather.befell == {way: 1}
    with connect() as another:
        another.execute("INSERT INTO kept VALUES ('again')")  # only one was ordered


def test_a_reset_ends_every_connection_and_the_next_one_is_good(proxy: Proxy, connect: Connect) -> None:
    connection = connect()
    proxy.break_off(1, random.Random(1))  # noqa: S311  # dice

    with pytest.raises(psycopg.OperationalError):
        _ask_until_it_fails(connection)

    assert connect().execute("SELECT 1").fetchone() == (1,)


def test_bad_weather_delays_both_ways_and_ends(proxy: Proxy, connect: Connect) -> None:
    connection = connect()
    proxy.slow_down(0.2)
    began = time.monotonic()
    connection.execute("SELECT 1")
    slow = time.monotonic() - began

    proxy.clear_up()
    wait_until(lambda: not proxy.weather.delay, within=5, failure="still slow")
    answers = [connection.execute("SELECT %s::int", [number]).fetchone() for number in range(50)]

    assert slow >= 0.4
    assert answers == [(number,) for number in range(50)]


def test_what_was_swallowed_shows_as_a_reset_when_the_weather_clears(proxy: Proxy, connect: Connect) -> None:
    connection, other = connect(), connect()
    proxy.go_black()
    connection.pgconn.send_query(b"SELECT 1")
    wait_until(lambda: any(line.lossy for line in proxy.lines), within=5, failure="nothing was swallowed")
    proxy.clear_up()

    with pytest.raises(psycopg.OperationalError):
        _ask_until_it_fails(connection)

    assert other.execute("SELECT 1").fetchone() == (1,)


def _ask_until_it_fails(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    for _ in range(100):
        connection.execute("SELECT 1")
        time.sleep(0.02)


def _port(url: str) -> int:
    return urlsplit(url).port or 0


def _kept(direct: str) -> int:
    with psycopg.connect(direct) as connection:
        return len(connection.execute("SELECT * FROM kept").fetchall())


def _backends(direct: str) -> int:
    """How many of the connections by way of the proxy PostgreSQL has."""
    ours = "SELECT 1 FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
    with psycopg.connect(direct) as connection:
        return len(connection.execute(ours, [BY_PROXY]).fetchall())
