"""A provider in memory, at the gateway protocol: for what the stand-in cannot be told to do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import pytest

from app.payments.gateway.protocol import PaymentRequest, ProviderPayment
from tasks import payments, settlement
from tests.sales import TOTAL


def nothing(_: ProviderPayment) -> None:
    """What happens while a call is under way, unless a test says otherwise."""


class FakeGateway:
    """Answers with `now`, the one object; closing leaves it as it is unless a test changes `now`."""

    def __init__(self, now: ProviderPayment | None = None) -> None:
        self.now = now
        self.calls: list[str] = []
        self.while_opening: Callable[[ProviderPayment], None] = nothing
        self.while_answering: Callable[[ProviderPayment], None] = nothing

    def open(self, request: PaymentRequest) -> ProviderPayment:
        """Make the object; `while_opening` runs before the answer is there."""
        self.calls.append("open")
        metadata = request.parameters["metadata"]
        assert isinstance(metadata, dict)
        made = ProviderPayment(
            provider_id="pi_fake",
            status="requires_payment_method",
            amount=TOTAL,
            amount_received=0,
            currency="USD",
            payment_id=UUID(metadata["payment_id"]),
            order_id=UUID(metadata["order_id"]),
            client_secret="pi_fake_secret",
        )
        self.now = self.now or made
        self.while_opening(made)
        return made

    def find(self, object_id: str) -> ProviderPayment:
        """The object as it is now."""
        return self._answer("find")

    def find_by_payment(self, payment_id: UUID, *, flow: str, since: datetime) -> ProviderPayment | None:
        """The object, if it was made."""
        self.calls.append("find_by_payment")
        return self.now

    def close(self, object_id: str) -> ProviderPayment:
        """The object as it is now."""
        return self._answer("close")

    def _answer(self, call: str) -> ProviderPayment:
        self.calls.append(call)
        assert self.now is not None
        self.while_answering(self.now)
        return self.now


@contextmanager
def workers_ask(gateway: FakeGateway) -> Iterator[None]:
    """Have the tasks ask this provider."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (settlement, payments):
            patch.setattr(module, "gateway", lambda: gateway)
        yield
