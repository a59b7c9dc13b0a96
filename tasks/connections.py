"""Connections to the broker that survive its loss, and are back soon after it is."""

from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection
from kombu.connection import ConnectionPool, PooledConnection
from kombu.transport import redis, virtual

LONGEST_PAUSE_SECONDS = 1.0


class Delivered(redis.QoS):
    """The messages at work, of which a worker takes no more than it has processes.

    Kombu keeps a message among them whose acknowledgement failed, though it is never tried again. When that
    connection alone was lost the worker would take one message less from then on, and soon none at all.
    Here it is forgotten: what the broker still knows of it only rings once more.
    """

    def ack(self, delivery_tag: str) -> None:
        """See QoS."""
        try:
            super().ack(delivery_tag)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002  # kombu's
        """See QoS."""
        try:
            super().reject(delivery_tag, requeue=requeue)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise


class OneClient:
    """A channel that keeps its client: kombu makes one per command, which is a third of what a ring costs."""

    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:  # noqa: FBT001, FBT002  # kombu's
        make: Any = super()
        if asynchronous:  # each of these is a connection of its own
            return make._create_client(asynchronous=True)
        pool = self.pool  # type: ignore[attr-defined]  # the channel's, another one after a loss
        if self._kept is None or self._kept.connection_pool is not pool:
            self._kept = make._create_client()
        return self._kept

    def waiting(self, queue: str) -> int:
        """Messages that nobody has taken yet."""
        channel: Any = self
        return int(channel._create_client().llen(channel._q_for_pri(queue, 0)))


def _forgetful(transport: Any) -> Any:
    """The same way to a broker, with such a memory of messages at work, and one client."""
    channel = type("Channel", (OneClient, transport.Channel), {"QoS": Delivered})
    return type("Transport", (transport,), {"Channel": channel})


_FORGETFUL: dict[Any, Any] = {
    known: _forgetful(known) for known in (redis.Transport, redis.SentinelTransport)
}


def _ours(transport: Any) -> Any:
    return _FORGETFUL.get(transport, transport)


class Pooled(PooledConnection):
    """A connection to send by, over the same way."""

    def get_transport_cls(self) -> Any:
        """See Connection."""
        known = super().get_transport_cls()  # type: ignore[misc]  # its stubs leave it out
        return _ours(known)


class Pool(ConnectionPool):
    """The connections that a process sends by."""

    def new(self) -> Any:
        """See ConnectionPool."""
        return Pooled(self, **dict(self.connection._info(resolve=False)))


class EagerConnection(Connection):
    """Asks once a second whether the broker is back; what is left of a lost one knows where the broker is.

    Kombu waits 2 s longer after each try, up to 30, and Celery has no setting for that: after an outage of a
    minute, workers would stand still for up to 16 s more.
    """

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        """See Connection."""
        pause = {"interval_start": LONGEST_PAUSE_SECONDS, "interval_max": LONGEST_PAUSE_SECONDS}
        return super().ensure_connection(*args, **pause | kwargs)

    def get_transport_cls(self) -> Any:
        """See Connection."""
        return _ours(super().get_transport_cls())

    def Pool(self, limit: int | None = None, **kwargs: Any) -> Pool:  # noqa: N802  # kombu's
        """See Connection."""
        return Pool(self, limit, **kwargs)

    def _do_close_transport(self) -> None:
        """Kombu would take the address from the transport, too. A task that ends after the loss is still
        acknowledged by it, and the AttributeError of that ended Celery's worker as soon as the broker was
        back; now it is acknowledged, or fails as a connection does.
        """
        self._transport = None


class EagerAMQP(AMQP):
    """Celery's way to the broker, by such connections."""

    Connection = EagerConnection
