"""What ends a login ends it on every process at once, whatever becomes of Redis."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import requests
from flask.testing import FlaskClient
from redis import Redis

from app.identity import services
from app.platform.db import transaction
from config import Settings
from sandbox.ports import free_port
from sandbox.process import Child, Command
from sandbox.ready import answers
from sandbox.valkey import Valkey
from tests.factories import PASSWORD, make_user
from tests.tasks.environment import environment
from tests.waiting import wait

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Shop:
    """Two API processes on one database, and the Redis that they share."""

    urls: tuple[str, str]
    redis: Valkey

    def log_in(self, email: str) -> dict[str, str]:
        body = {"email": email, "password": PASSWORD}
        made = requests.post(f"{self.urls[0]}/v1/auth/login", json=body, timeout=5).json()
        return {"Authorization": f"Bearer {made['access_token']}"}

    def statuses(self, path: str, headers: dict[str, str]) -> list[int]:
        """What each process says to this login."""
        return [requests.get(f"{url}{path}", headers=headers, timeout=5).status_code for url in self.urls]


@pytest.fixture
def shop(settings: Settings, client: FlaskClient, tmp_path: Path) -> Iterator[Shop]:
    with ExitStack() as started:
        redis = Valkey(tmp_path / "redis", log=tmp_path / "redis.log")
        started.callback(redis.stop)
        redis.start()
        told = {**os.environ, **environment(settings, redis.url), "REDIS_URL": redis.url}
        urls = [_serve(started, told, tmp_path, free_port()) for _ in range(2)]
        wait(lambda: all(answers(f"{url}/health") for url in urls))
        yield Shop((urls[0], urls[1]), redis)


def _serve(started: ExitStack, told: dict[str, str], folder: Path, port: int) -> str:
    argv = [sys.executable, "-m", "flask", "--app", "wsgi", "run", "--port", str(port)]
    child = Child(Command(argv=argv, log=folder / f"{port}.log", env=told, cwd=ROOT))
    started.callback(child.kill)
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def user(client: FlaskClient) -> tuple[UUID, str]:
    with transaction() as session:
        made = make_user(session)
        return made.id, made.email


def _log_out_everywhere(shop: Shop, headers: dict[str, str]) -> None:
    requests.post(f"{shop.urls[0]}/v1/auth/logout-all", headers=headers, timeout=5).raise_for_status()


def test_a_login_ends_on_both_processes_at_once_also_without_redis(
    shop: Shop, user: tuple[UUID, str]
) -> None:
    user_id, email = user
    flushed, stopped, suspended, promoted = (shop.log_in(email) for _ in range(4))
    assert shop.statuses("/v1/users/me", flushed) == [200, 200]
    assert shop.statuses("/v1/admin/products", promoted) == [403, 403]

    _log_out_everywhere(shop, flushed)
    Redis.from_url(shop.redis.url).flushall()
    assert shop.statuses("/v1/users/me", flushed) == shop.statuses("/v1/users/me", stopped) == [401, 401]

    shop.redis.stop()
    stopped = shop.log_in(email)
    assert shop.statuses("/v1/users/me", stopped) == [200, 200]
    _log_out_everywhere(shop, stopped)
    assert shop.statuses("/v1/users/me", stopped) == [401, 401]

    promoted = shop.log_in(email)
    with transaction() as session:
        services.change_role(session, user_id, role="admin")
    assert shop.statuses("/v1/admin/products", promoted) == [200, 200]
    with transaction() as session:
        services.suspend(session, user_id)
    assert shop.statuses("/v1/users/me", promoted) == [401, 401]
    assert shop.statuses("/v1/users/me", suspended) == [401, 401]
