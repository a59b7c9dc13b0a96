"""Connections to the broker that are back soon after it is, however long it was away."""

from contextlib import suppress
from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection

LONGEST_PAUSE_SECONDS = 1.0


class EagerConnection(Connection):
    """Asks once a second whether the broker is back, and can always be closed.

    Kombu waits 2 s longer after each try, up to 30, and Celery has no setting for that: after an outage of a
    minute, workers would stand still for up to 16 s more.
    """

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        """See Connection."""
        pause = {"interval_start": LONGEST_PAUSE_SECONDS, "interval_max": LONGEST_PAUSE_SECONDS}
        return super().ensure_connection(*args, **pause | kwargs)

    def maybe_close_channel(self, channel: Any) -> None:
        """See Connection. What is left of a lost one may be too broken to be closed, and Celery's worker
        would end with that error; its unfinished messages are rung again by the relay.
        """
        with suppress(AttributeError, AssertionError):
            super().maybe_close_channel(channel)


class EagerAMQP(AMQP):
    """Celery's way to the broker, by such connections."""

    Connection = EagerConnection
