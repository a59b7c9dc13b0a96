"""Servers behind us that cannot prove who they are, and what they get of us: nothing."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import aiosmtpd
import pytest
from celery import Celery
from kombu.exceptions import OperationalError as BrokerAway
from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.platform import db
from app.platform.redis_server import impatient
from config import Settings
from tasks.encryption import encryption_of

CERTIFICATES = Path(aiosmtpd.__file__).parent / "tests" / "certs"
Greeting = Callable[[socket.socket], None]


@contextmanager
def impostor(greet: Greeting = lambda _: None) -> Iterator[tuple[int, list[bytes]]]:
    """A port with a certificate that nobody has signed, and what it was told once encrypted."""
    context, heard = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), list[bytes]()
    context.load_cert_chain(CERTIFICATES / "server.crt", CERTIFICATES / "server.key")
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_answer, args=(server, context, greet, heard))
        thread.start()
        try:
            yield server.getsockname()[1], heard
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=10)


def _answer(server: socket.socket, context: ssl.SSLContext, greet: Greeting, heard: list[bytes]) -> None:
    while True:
        try:
            caller, _ = server.accept()
        except OSError:
            return
        with caller, suppress(OSError):
            greet(caller)
            with context.wrap_socket(caller, server_side=True) as encrypted:
                heard.append(encrypted.recv(1000))


def _agree(caller: socket.socket) -> None:
    """As PostgreSQL does to whoever asks for encryption."""
    caller.recv(8)
    caller.sendall(b"S")


def test_redis_has_to_prove_itself() -> None:
    with impostor() as (port, heard):
        server = impatient(f"rediss://:secret@127.0.0.1:{port}/0", seconds=2, ca_file=None)
        with pytest.raises(RedisError, match="CERTIFICATE_VERIFY_FAILED"):
            server.ping()

    assert heard == []


def test_the_broker_has_to_prove_itself() -> None:
    with impostor() as (port, heard):
        url = f"rediss://:secret@127.0.0.1:{port}/0"
        app = Celery(broker=url, set_as_current=False)
        app.conf.broker_use_ssl = encryption_of(url, None)
        with app.connection() as connection, pytest.raises(BrokerAway, match="CERTIFICATE_VERIFY_FAILED"):
            connection.ensure_connection(max_retries=1, timeout=1)

    assert heard == []


def test_postgresql_has_to_prove_itself(settings: Settings) -> None:
    with impostor(_agree) as (port, heard):
        transport = replace(settings.transport, database_tls=True, tls_ca_file=None)
        url = f"postgresql+psycopg://shop:secret@127.0.0.1:{port}/shop"
        asked = replace(settings, transport=transport, database_url=url)
        with _engine_of(asked) as connect, pytest.raises(OperationalError, match="certificate"):
            connect()

    assert heard == []


@contextmanager
def _engine_of(settings: Settings) -> Iterator[Callable[[], object]]:
    before = dict(db.SessionFactory.kw)
    engine = db.start_engine(settings)
    try:
        yield lambda: engine.connect().execute(text("SELECT 1"))
    finally:
        engine.dispose()
        db.SessionFactory.kw = before


def test_celery_is_told_of_encryption_by_the_address() -> None:
    assert encryption_of("redis://broker", None) is None
    assert encryption_of("rediss://broker", Path("ca.pem")) == {
        "ssl_cert_reqs": ssl.CERT_REQUIRED,
        "ssl_ca_certs": "ca.pem",
    }
    assert encryption_of("amqps://broker", None) == {"cert_reqs": ssl.CERT_REQUIRED}
