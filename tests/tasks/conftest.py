import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from celery import Celery

from app.platform import db
from config import Settings
from sandbox.valkey import Valkey
from tasks import doorbell
from tasks.connections import EagerAMQP
from tasks.doorbell import Doorbell
from tests.events.owed import PLAIN, subscribe
from tests.tasks.environment import environment


@pytest.fixture(scope="session")
def configured(settings: Settings) -> None:
    """Celery's settings, read while the map of subscriptions is still the shop's: they stay what they are."""
    with patch.dict(os.environ, environment(settings, settings.celery_broker_url)):
        importlib.import_module("celeryconfig")


@pytest.fixture(autouse=True)
def plain(configured: None, database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """One plain consumer of the tests' event, on an empty database."""
    subscribe(monkeypatch, PLAIN)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Valkey]:
    """A broker that the test may kill, flush and stop."""
    server = Valkey(tmp_path / "broker", log=tmp_path / "broker.log")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def celery(configured: None, broker: Valkey) -> Iterator[Celery]:
    """A Celery app as the shop's, on that broker."""
    app = Celery("tests", amqp=EagerAMQP, set_as_current=False)
    app.config_from_object("celeryconfig")
    app.conf.update(broker_url=broker.url)
    yield app
    connections: Any = app.pool  # celery-types calls it a pool of producers
    connections.force_close_all()
    app.close()


@pytest.fixture
def bell(celery: Celery, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Doorbell:
    """Each commit of the test rings, as each commit of the shop does."""
    monkeypatch.setattr(db, "_after_commit", {})
    return doorbell.install(celery, settings)
