import pytest
from celery import Celery
from kombu.utils import functional

from sandbox.ports import free_port
from sandbox.valkey import Valkey
from tasks.celery import app as shop_app
from tasks.connections import EagerAMQP, EagerConnection

TRIES = 6


class EnoughTries(Exception):
    """The test has seen what it wanted to see."""


def test_a_broker_that_is_away_is_asked_for_once_a_second_however_long_it_stays_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(functional, "sleep", lambda _: None)
    app = Celery("tests", broker=f"redis://127.0.0.1:{free_port()}/0", amqp=EagerAMQP, set_as_current=False)
    pauses: list[float] = []

    def note(_: Exception, pause: float) -> None:
        pauses.append(pause)
        if len(pauses) == TRIES:
            raise EnoughTries

    with app.connection_for_read() as connection, pytest.raises(EnoughTries):
        connection.ensure_connection(note)

    assert pauses == [1.0] * TRIES


def test_the_shop_reaches_its_broker_by_such_connections() -> None:
    assert isinstance(shop_app.amqp, EagerAMQP)


def test_what_is_left_of_a_lost_connection_knows_where_the_broker_is(broker: Valkey) -> None:
    connection = EagerConnection(broker.url)
    assert connection.default_channel is not None
    transport = connection.transport
    broker.kill()

    connection.collect(socket_timeout=1)
    connection.close()

    # Of this a late acknowledgement asks the address; without it, it would end the worker.
    assert transport.client is connection
