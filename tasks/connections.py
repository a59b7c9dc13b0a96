"""Connections to the broker that survive its loss, and are back soon after it is."""

from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection

LONGEST_PAUSE_SECONDS = 1.0


class EagerConnection(Connection):
    """Asks once a second whether the broker is back; what is left of a lost one knows where the broker is.

    Kombu waits 2 s longer after each try, up to 30, and Celery has no setting for that: after an outage of a
    minute, workers would stand still for up to 16 s more.
    """

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        """See Connection."""
        pause = {"interval_start": LONGEST_PAUSE_SECONDS, "interval_max": LONGEST_PAUSE_SECONDS}
        return super().ensure_connection(*args, **pause | kwargs)

    def _do_close_transport(self) -> None:
        """Kombu would take the address from the transport, too. A task that ends after the loss is still
        acknowledged by it, and the AttributeError of that ended Celery's worker as soon as the broker was
        back; now it is acknowledged, or fails as a connection does.
        """
        self._transport = None


class EagerAMQP(AMQP):
    """Celery's way to the broker, by such connections."""

    Connection = EagerConnection
