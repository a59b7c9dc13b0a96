"""Asking the broker how much waits in a queue."""

from typing import Any

from celery import Celery


def length(app: Celery, queue: str) -> int:
    """Messages that wait in one of our queues. Raises when the broker is away."""
    with app.connection_for_write() as connection:
        # Declared as always, not passively: kombu looks for a queue of Redis without the key prefix.
        declared: Any = app.amqp.queues[queue].bind(connection.default_channel).queue_declare()
        return int(declared.message_count)
