"""A model of the provider in memory: what is true there, and the events by which it tells of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.payments.errors import GatewayRefused
from app.payments.gateway.protocol import (
    CANCELED,
    FINAL,
    PROCESSING,
    PaymentRequest,
    ProviderDispute,
    ProviderPayment,
    ProviderRefund,
    RefundRequest,
)
from tests.gateway import refund_as_asked

Json = dict[str, Any]


class Provider:
    """Keeps payments, refunds and disputes as a test has put them there, and answers with them."""

    def __init__(self) -> None:
        self.payments: dict[str, ProviderPayment] = {}
        self.refunds: dict[str, ProviderRefund] = {}
        self.disputes: dict[str, ProviderDispute] = {}

    def keep(self, thing: ProviderPayment | ProviderRefund | ProviderDispute) -> None:
        """From now on this is how it is there."""
        if isinstance(thing, ProviderRefund):
            self.refunds[thing.provider_id] = thing
        elif isinstance(thing, ProviderDispute):
            self.disputes[thing.provider_id] = thing
        else:
            self.payments |= {name: thing for name in (thing.provider_id, thing.session_id) if name}

    def copy(self) -> "Provider":
        """Another one with the same books."""
        twin = Provider()
        twin.payments, twin.refunds, twin.disputes = (
            dict(self.payments),
            dict(self.refunds),
            dict(self.disputes),
        )
        return twin

    def open(self, request: PaymentRequest) -> ProviderPayment:
        """Nothing is opened here."""
        raise GatewayRefused("not_modelled")

    def find(self, object_id: str) -> ProviderPayment:
        """As it is now."""
        if object_id not in self.payments:
            raise GatewayRefused("resource_missing")
        return self.payments[object_id]

    def find_by_payment(
        self, payment_id: UUID, *, flow: str, since: datetime, until: datetime | None = None
    ) -> ProviderPayment | None:
        """As it is now, if it was made."""
        return next((each for each in self.payments.values() if each.payment_id == payment_id), None)

    def close(self, object_id: str) -> ProviderPayment:
        """Cancelled, unless it was too late for that."""
        seen = self.find(object_id)
        if seen.status not in (*FINAL, PROCESSING):
            self.keep(replace(seen, status=CANCELED))
        return self.find(object_id)

    def refund(self, request: RefundRequest) -> ProviderRefund:
        """It succeeds at once; the same request again is the same refund."""
        made = refund_as_asked(request)
        self.refunds.setdefault(made.provider_id, made)
        return self.refunds[made.provider_id]

    def find_refund(self, provider_id: str) -> ProviderRefund:
        """As it is now."""
        return self.refunds[provider_id]

    def refunds_of(self, intent_id: str) -> Sequence[ProviderRefund]:
        """Of this intent, oldest first."""
        return [each for each in self.refunds.values() if each.intent_id == intent_id]

    def find_dispute(self, provider_id: str) -> ProviderDispute:
        """As it is now."""
        return self.disputes[provider_id]


def told_of(thing: ProviderPayment | ProviderRefund | ProviderDispute) -> Json:
    """The object in an event about it."""
    if isinstance(thing, ProviderRefund):
        named = {"refund_id": thing.refund_id, "order_id": thing.order_id}
        return _object("refund", thing.provider_id, thing.intent_id, named)
    if isinstance(thing, ProviderDispute):
        return _object("dispute", thing.provider_id, thing.intent_id, {})
    named = {"payment_id": thing.payment_id, "order_id": thing.order_id}
    if thing.session_id is None:
        return _object("payment_intent", str(thing.provider_id), None, named) | _sums(thing)
    page = _object("checkout.session", thing.session_id, thing.provider_id, named)
    return page | {"mode": "payment", "amount_total": thing.amount, **_sums(thing), **PAGE[thing.status]}


PAGE = {
    "succeeded": {"status": "complete", "payment_status": "paid"},
    "processing": {"status": "complete", "payment_status": "unpaid"},
    "canceled": {"status": "expired", "payment_status": "unpaid"},
    "requires_payment_method": {"status": "open", "payment_status": "unpaid"},
}
"""How a hosted session says what an intent has one word for."""


def refunded_charge(intent_id: str, amount: int) -> Json:
    """The object in an event about a charge that was refunded: it names no refund."""
    return _object("charge", f"ch_{intent_id}", intent_id, {}) | {
        "status": "succeeded",
        "amount_refunded": amount,
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242"}},
    }


def _object(kind: str, object_id: str, intent_id: str | None, named: dict[str, UUID | None]) -> Json:
    metadata = {name: str(value) for name, value in named.items() if value}
    return {"id": object_id, "object": kind, "payment_intent": intent_id, "metadata": metadata}


def _sums(thing: ProviderPayment) -> Json:
    return {
        "status": thing.status,
        "amount": thing.amount,
        "amount_received": thing.amount_received,
        "currency": thing.currency.lower(),
    }
