import gc
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session
from structlog.stdlib import ProcessorFormatter
from xdist.remote import Producer

from app.factory import create_app
from app.payments.gateway.inline import InlineCalls
from app.platform import context, db
from app.platform.db import SessionFactory, transaction
from config import Settings, load
from sandbox.ports import free_port
from tests.buyers import Purchase, purchase
from tests.documented import client_class
from tests.servers import running_postgres, running_valkeys
from tests.sharing import OneProcessForTheShop
from tests.stand_in import API_KEY, SECRET, StandIn
from tests.template import TEMPLATE, empty, migrate

URLS = pytest.StashKey[dict[str, str]]()
# What is imported and collected stays: to look for garbage among it costs a tenth of the time of all tests.
gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Now there will be garbage."""
    gc.freeze()
    gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    """Start the run's PostgreSQL, once; the workers of xdist are told where it is."""
    if hasattr(config, "workerinput"):
        config.stash[URLS] = config.workerinput["urls"]
        return
    until_the_end = ExitStack()
    config.add_cleanup(until_the_end.close)
    postgres = until_the_end.enter_context(running_postgres())
    postgres.create_database(TEMPLATE)
    migrate(postgres.url_of(TEMPLATE))
    config.stash[URLS] = {"database": postgres.url, "template": postgres.url_of(TEMPLATE)}


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Session) -> None:
    """Runs in the controller, for each worker of xdist."""
    vars(node)["workerinput"]["urls"] = node.config.stash[URLS]


@pytest.hookimpl(trylast=True)  # after they were shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take longest begins first, so that in the end no process waits for another."""
    items.sort(key=_allowed, reverse=True)


def _allowed(item: pytest.Item) -> float:
    limit = item.get_closest_marker("timeout")
    return limit.args[0] if limit else 0


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneProcessForTheShop | None:
    """Runs in the controller: how `-n` shares the tests out, unless another `--dist` was asked for."""
    return OneProcessForTheShop(config, log) if config.getvalue("dist") == "load" else None


@pytest.fixture(scope="session")
def urls(request: pytest.FixtureRequest, worker_id: str) -> Iterator[dict[str, str]]:
    """Where this process's servers are: a clone of the migrated database, and Valkeys of its own."""
    known = request.config.stash[URLS]
    name = f"test_{worker_id}"
    engine = create_engine(known["database"], isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    with running_valkeys() as valkeys:
        yield {
            "database": known["template"].replace(TEMPLATE, name),
            "cache": valkeys.cache.url,
            "broker": valkeys.broker.url,
        }


@pytest.fixture(scope="session")
def api_port() -> int:
    """Where the live API listens, for the tests that start it; the stand-in reports there."""
    return free_port()


@pytest.fixture(scope="session")
def stand_in(api_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """The Stripe stand-in of this test process. Tests take `stripe`, which has empty books."""
    webhook = f"http://127.0.0.1:{api_port}/v1/webhooks/stripe"
    process = StandIn(tmp_path_factory.mktemp("stand-in"), webhook)
    yield process
    process.stop()


@pytest.fixture(scope="session")
def settings(urls: dict[str, str], stand_in: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings that tests run with: times are short, so that what waits is soon due."""
    return load(
        {
            "APP_ENV": "development",
            "DATABASE_URL": urls["database"],
            "REDIS_URL": urls["cache"],
            "CELERY_BROKER_URL": urls["broker"],
            "JWT_SECRET_KEY": "a key for tests of more than 32 characters",
            "STRIPE_API_KEY": API_KEY,
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "STRIPE_API_BASE": stand_in.url,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(free_port()),
            "MAIL_FROM": "Backroom <shop@example.com>",
            "CURRENCIES": "JPY,KWD",
            "MEDIA_URL": tmp_path_factory.mktemp("media").as_uri(),
            "LEASE": "2",
            "BACKOFF_BASE": "0.01",
            "RATE_LIMITS": "*.*=1000000000",
            "CACHE_SECONDS": "0",  # tests change rows behind the shop's back
        }
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The application on this process's database. Nothing rings: tests do the work they want done."""
    application = create_app(settings)
    db.call_after_commit("doorbell", lambda _: None)
    application.test_client_class = client_class(application)
    yield application
    db.stop_engine()


@pytest.fixture
def database(app: Flask) -> Iterator[None]:
    """An empty database that the test may commit to."""
    yield
    with transaction() as session:
        empty(session)
    context.begin()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session whose work is rolled back at the end: services never commit."""
    with SessionFactory() as open_session:
        yield open_session
        open_session.rollback()


@pytest.fixture
def inline_calls(app: Flask, monkeypatch: pytest.MonkeyPatch) -> InlineCalls:
    """The counter's calls to the provider, with a breaker that no earlier test has opened."""
    calls = InlineCalls(limit=4)
    monkeypatch.setitem(app.extensions, "inline_calls", calls)
    return calls


@pytest.fixture
def client(app: Flask, database: None, inline_calls: InlineCalls) -> FlaskClient:
    """Calls to the API, on an empty database."""
    return app.test_client()


@pytest.fixture
def stripe(stand_in: StandIn) -> StandIn:
    """The Stripe stand-in with empty books, and nothing on its way."""
    stand_in.order("reset")
    return stand_in


@pytest.fixture
def bought(client: FlaskClient, stripe: StandIn) -> Purchase:
    """A pending order with an open intent."""
    return purchase(client)


@pytest.fixture
def logged(app: Flask, monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What the application writes to its log from now on."""
    text = StringIO()
    (ours,) = (
        each for each in logging.getLogger().handlers if isinstance(each.formatter, ProcessorFormatter)
    )
    monkeypatch.setattr(ours, "stream", text)
    return text
