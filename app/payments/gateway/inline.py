"""Calling the provider while a buyer waits: only when that is likely to be quick."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from app.payments.errors import CounterBusy, GatewayRefused, GatewayUnavailable
from app.payments.gateway.protocol import (
    CustomerRequest,
    Gateway,
    PaymentRequest,
    ProviderPayment,
    ProviderSetup,
    Setups,
)
from app.platform.breaker import Breaker

PAUSE_SECONDS = 10.0
"""How long nobody asks a provider that was silent."""


class InlineCalls:
    """Lets `limit` requests of this process wait at the provider, and none after three silences in a row."""

    def __init__(self, *, limit: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._free = threading.BoundedSemaphore(limit)
        self._breaker = Breaker("stripe", failures=3, pause=PAUSE_SECONDS, monotonic=monotonic)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Room for one call, or CounterBusy. GatewayUnavailable in the block counts against the provider.

        GatewayRefused does not: who says no has answered.
        """
        if not self._free.acquire(blocking=False):
            raise CounterBusy("enough requests wait at the provider")
        try:
            if not self._breaker.allows():
                raise CounterBusy("the provider was silent too often")
            yield
            self._breaker.succeeded()
        except GatewayRefused:
            self._breaker.succeeded()
            raise
        except GatewayUnavailable:
            self._breaker.failed()
            raise
        finally:
            self._free.release()


class InlineGateway:
    """A gateway whose calls take a slot each, and none in between: the shop's own work is not waiting there.

    Its calls may raise CounterBusy, too.
    """

    def __init__(self, gateway: Gateway, calls: InlineCalls) -> None:
        self._gateway = gateway
        self._calls = calls

    def open(self, request: PaymentRequest) -> ProviderPayment:
        """See the protocol."""
        with self._calls.slot():
            return self._gateway.open(request)

    def find(self, object_id: str) -> ProviderPayment:
        """See the protocol."""
        with self._calls.slot():
            return self._gateway.find(object_id)

    def find_by_payment(
        self, payment_id: UUID, *, flow: str, since: datetime, until: datetime | None = None
    ) -> ProviderPayment | None:
        """See the protocol."""
        with self._calls.slot():
            return self._gateway.find_by_payment(payment_id, flow=flow, since=since, until=until)

    def close(self, object_id: str) -> ProviderPayment:
        """See the protocol."""
        with self._calls.slot():
            return self._gateway.close(object_id)


class InlineSetups:
    """The same for saving payment methods."""

    def __init__(self, setups: Setups, calls: InlineCalls) -> None:
        self._setups = setups
        self._calls = calls

    def make_customer(self, request: CustomerRequest) -> str:
        """See the protocol."""
        with self._calls.slot():
            return self._setups.make_customer(request)

    def set_up(self, customer_id: str, *, idempotency_key: str) -> ProviderSetup:
        """See the protocol."""
        with self._calls.slot():
            return self._setups.set_up(customer_id, idempotency_key=idempotency_key)
