"""Asking the broker how much waits in a queue."""

from typing import Any

from amqp.exceptions import ChannelError
from celery import Celery


def length(app: Celery, queue: str) -> int:
    """Messages that wait in a queue; a broker that has never heard of it has none. Raises when it is away."""
    with app.connection_for_write() as connection:
        channel: Any = connection.default_channel  # kombu's types leave out the methods that AMQP defines
        try:
            declared = channel.queue_declare(queue, passive=True)
        except ChannelError:  # to a passive declaration the one answer of this kind is "no such queue"
            return 0
        return int(declared.message_count)
