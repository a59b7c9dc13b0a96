from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from flask import Response
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DataError

from app.platform import db
from app.platform.db import SessionFactory, transaction
from config import Settings
from sandbox.postgres import Postgres
from tests.database import count, outstay
from tests.platform.conftest import Lines
from tests.platform.routes import GET, Views, leave_effect
from tests.servers import FORGETFUL, temporary_folder


@pytest.fixture
def postgres(client: FlaskClient, settings: Settings) -> Iterator[Postgres]:
    """A database that may be killed, in the place of the tests' own."""
    usual = SessionFactory.kw["bind"]
    with temporary_folder() as folder:
        server = Postgres(folder / "postgres", log=folder / "log", settings=FORGETFUL)
        server.start()
        url = server.url.replace("postgresql://", "postgresql+psycopg://")
        engine = db.start_engine(replace(settings, database_url=url, database_pool_size=1))
        yield server
        engine.dispose()
        server.stop()
    SessionFactory.configure(bind=usual)


def ask() -> Response:
    """A view that needs the database."""
    with transaction() as session:
        return Response(str(session.scalar(text("SELECT 1"))))


def test_a_killed_database_is_503_until_it_is_back(
    client: FlaskClient, views: Views, postgres: Postgres, lines: Lines
) -> None:
    views.get(ask)
    assert client.get(GET).status_code == 200

    postgres.kill()
    away = [client.get(GET) for _ in range(2)]
    postgres.start()
    back = client.get(GET)

    assert [answer.status_code for answer in away] == [503, 503]
    assert [answer.headers["Retry-After"] for answer in away] == ["2", "2"]
    assert away[0].get_json()["type"] == "/problems/unavailable"
    assert back.status_code == 200
    assert [line["event"] for line in lines() if line["level"] != "info"] == ["database_unavailable"] * 2


def test_a_connection_that_is_cut_in_the_middle_is_503_and_not_used_again(
    client: FlaskClient, views: Views, postgres: Postgres
) -> None:
    def cut() -> Response:
        with transaction() as session:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return Response("never")

    views.get(cut)
    assert client.get(GET).status_code == 503

    views.get(ask)
    assert client.get(GET).status_code == 200


def test_a_transaction_that_waited_for_longer_than_it_may_is_503(client: FlaskClient, views: Views) -> None:
    def idle() -> Response:
        with transaction() as session:
            outstay(session)
            session.execute(text("SELECT 1"))
        return Response("never")

    views.get(idle)
    answer = client.get(GET)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.get_json()["type"] == "/problems/unavailable"


def test_a_database_that_only_reads_by_now_is_503(client: FlaskClient, views: Views) -> None:
    def write() -> Response:
        with transaction() as session:
            session.execute(text("SET TRANSACTION READ ONLY"))
            leave_effect(session)
        return Response("never")

    views.get(write)
    assert client.get(GET).status_code == 503
    assert count("events") == 0


def test_a_transaction_that_goes_on_after_a_failure_is_a_bug(client: FlaskClient, views: Views) -> None:
    def go_on() -> Response:
        with transaction() as session:
            with suppress(DataError):
                session.execute(text("SELECT 1 / 0"))
            session.execute(text("SELECT 1"))
        return Response("never")

    views.get(go_on)
    assert client.get(GET).status_code == 500
