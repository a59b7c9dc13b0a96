"""A provider in memory, at the gateway protocol: for what the stand-in cannot be told to do."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.payments.gateway.protocol import (
    PaymentRequest,
    ProviderDispute,
    ProviderPayment,
    ProviderRefund,
    RefundRequest,
    Reported,
)
from tasks import payments, settlement
from tests.sales import TOTAL


def nothing(_: ProviderPayment) -> None:
    """What happens while a call is under way, unless a test says otherwise."""


class FakeGateway:
    """Answers with `now`, the one object; closing leaves it as it is unless a test changes `now`."""

    def __init__(self, now: ProviderPayment | None = None) -> None:
        self.now = now
        self.disputes: dict[str, ProviderDispute] = {}
        self.calls: list[str] = []
        self.while_opening: Callable[[ProviderPayment], None] = nothing
        self.while_answering: Callable[[ProviderPayment], None] = nothing
        self.refunds: list[ProviderRefund] = []
        self.asked: list[RefundRequest] = []
        self.refusal: Exception | None = None
        self.while_refunding: Callable[[RefundRequest], None] = lambda _: None

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

    def find_by_payment(
        self, payment_id: UUID, *, flow: str, since: datetime, until: datetime | None = None
    ) -> ProviderPayment | None:
        """The object, if it was made."""
        self.calls.append("find_by_payment")
        return self.now

    def close(self, object_id: str) -> ProviderPayment:
        """The object as it is now."""
        return self._answer("close")

    def refund(self, request: RefundRequest) -> ProviderRefund:
        """Make a refund that succeeds at once, unless there is a `refusal` to raise."""
        self.asked.append(request)
        self.while_refunding(request)
        if self.refusal is not None:
            raise self.refusal
        made = refund_as_asked(request)
        self.refunds.append(made)
        return made

    def find_refund(self, provider_id: str) -> ProviderRefund:
        """The refund as it is now."""
        self.calls.append("find_refund")
        return next(each for each in self.refunds if each.provider_id == provider_id)

    def refunds_of(self, intent_id: str) -> Sequence[ProviderRefund]:
        """What was made of this intent."""
        self.calls.append("refunds_of")
        return [each for each in self.refunds if each.intent_id == intent_id]

    def find_dispute(self, provider_id: str) -> ProviderDispute:
        """The dispute that a test has put here."""
        self.calls.append("find_dispute")
        return self.disputes[provider_id]

    def _answer(self, call: str) -> ProviderPayment:
        self.calls.append(call)
        assert self.now is not None
        self.while_answering(self.now)
        return self.now


def refund_as_asked(request: RefundRequest, **values: Any) -> ProviderRefund:
    """What the provider makes of a request, succeeded unless `values` say otherwise."""
    asked: Any = request.parameters
    refund_id = UUID(asked["metadata"]["refund_id"])
    facts: dict[str, Any] = {
        "provider_id": f"re_{refund_id.hex}",
        "status": "succeeded",
        "amount": asked["amount"],
        "currency": "USD",
        "intent_id": asked["payment_intent"],
        "refund_id": refund_id,
        "order_id": UUID(asked["metadata"]["order_id"]),
        "failure_reason": None,
        "created_at": datetime.now(UTC),
    }
    return ProviderRefund(**facts | values)


@contextmanager
def workers_ask(gateway: Reported) -> Iterator[None]:
    """Have the tasks ask this provider."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (settlement, payments):
            patch.setattr(module, "gateway", lambda: gateway)
        yield
