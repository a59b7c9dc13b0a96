from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.platform.cache import changes
from app.platform.cache.answers import EXTENSION, Answers
from app.platform.cache.policy import CachePolicy
from app.platform.cache.store import Store
from app.platform.redis_server import impatient
from sandbox.valkey import Valkey
from tests.servers import temporary_folder

POLICY = CachePolicy(fresh=60, stale=10, public=5, public_stale=10)


@pytest.fixture(scope="package")
def shared_server() -> Iterator[Valkey]:
    """A Redis that no other test process has."""
    with temporary_folder() as folder:
        server = Valkey(folder / "cache", log=folder / "cache.log", max_memory="64mb")
        server.start()
        yield server
        server.stop()


@pytest.fixture
def server(shared_server: Valkey) -> Valkey:
    """The same, empty."""
    impatient(shared_server.url, seconds=5, ca_file=None).flushall()
    return shared_server


@pytest.fixture
def own_server() -> Iterator[Valkey]:
    """A Redis that the test may stop."""
    with temporary_folder() as folder:
        server = Valkey(folder / "cache", log=folder / "cache.log", max_memory="64mb")
        server.start()
        yield server
        server.stop()


@pytest.fixture
def process(server: Valkey) -> Callable[[], Store]:
    """What one process knows of the finished answers; each call makes another."""
    return lambda: Store(impatient(server.url, seconds=0.1, ca_file=None), POLICY)


@pytest.fixture
def store(process: Callable[[], Store], monkeypatch: pytest.MonkeyPatch) -> Store:
    """That of this process, which tells it what it changes."""
    ours = process()
    monkeypatch.setattr(changes, "_stores", [ours])
    return ours


@pytest.fixture
def shop(client: FlaskClient, app: Flask, store: Store, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Calls to the API, which keeps its answers."""
    monkeypatch.setitem(app.extensions, EXTENSION, Answers(POLICY, store))
    return client
