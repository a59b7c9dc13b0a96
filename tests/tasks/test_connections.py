import logging
from typing import Any

import pytest
from celery import Celery
from kombu import Consumer, Message, Producer, Queue
from kombu.utils import functional
from redis.exceptions import TimeoutError as NoAnswer

from sandbox.ports import free_port
from sandbox.valkey import Valkey
from tasks.celery import app as shop_app
from tasks.connections import Delivered, EagerAMQP, EagerConnection

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


def no_answer(*_: object, **__: object) -> None:
    raise NoAnswer("Timeout reading from socket")


@pytest.mark.parametrize("ending", [Message.ack_log_error, Message.reject_log_error])
def test_a_message_that_could_not_be_acknowledged_is_in_nobodys_way(
    broker: Valkey, monkeypatch: pytest.MonkeyPatch, ending: Any
) -> None:
    """celery #2415: workers took nothing any more after "Couldn't ack", for ever."""
    taken: list[Message] = []
    with EagerConnection(broker.url) as connection:
        for number in range(2):
            Producer(connection).publish(number, routing_key="work")
        with Consumer(connection, [Queue("work")], prefetch_count=1, on_message=taken.append):
            connection.drain_events(timeout=5)
            with monkeypatch.context() as patch:
                patch.setattr(Delivered, "_remove_from_indices", no_answer)
                ending(taken[0], logging.getLogger("tests"), connection.connection_errors)

            connection.drain_events(timeout=5)

    assert [message.payload for message in taken] == [0, 1]


def test_messages_are_sent_by_one_client_and_by_another_one_after_a_loss(broker: Valkey) -> None:
    with EagerConnection(broker.url).Pool(limit=1).acquire() as connection:
        channel: Any = connection.default_channel
        first = channel._create_client()
        Producer(connection).publish(1, routing_key="work")
        assert channel._create_client() is first

        channel._disconnect_pools()

        assert channel._create_client() is not first
        Producer(connection).publish(2, routing_key="work")
        assert channel._size("work") == 2
