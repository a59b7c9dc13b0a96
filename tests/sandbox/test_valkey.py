from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from sandbox.valkey import Valkey


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path / "broker", log=tmp_path / "log")
    server.start()
    yield server
    server.stop()


def test_the_broker_never_forgets_and_asks_for_its_password(broker: Valkey) -> None:
    with redis.Redis.from_url(broker.url) as client:
        policy = client.config_get("maxmemory-policy")

    stranger = redis.Redis(port=broker.port, retry=Retry(NoBackoff(), 0))
    with stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    assert policy == {"maxmemory-policy": "noeviction"}


def test_the_cache_forgets_what_is_used_least(tmp_path: Path) -> None:
    cache = Valkey(tmp_path, log=tmp_path / "log", max_memory="8mb")
    cache.start()

    with redis.Redis.from_url(cache.url) as client:
        settings = client.config_get("maxmemory*")
    cache.stop()

    assert (settings["maxmemory"], settings["maxmemory-policy"]) == (str(8 * 1024 * 1024), "allkeys-lfu")


def test_comes_back_empty_at_the_same_address_after_a_kill(broker: Valkey) -> None:
    with redis.Redis.from_url(broker.url) as client:
        client.set("bell", "rung")
    first = broker.pid

    broker.kill()
    broker.start()

    with redis.Redis.from_url(broker.url) as client:
        assert client.get("bell") is None
    assert broker.pid != first


def test_keeps_its_password_out_of_reach_of_other_users(broker: Valkey) -> None:
    settings = broker.home / "valkey.conf"

    assert broker.password in settings.read_text()
    assert settings.stat().st_mode & 0o777 == 0o600
    assert broker.password not in " ".join(str(word) for word in broker.command().argv)
