"""Payments through Stripe, by its official SDK; and the parts of the gateway in one."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import stripe

from app.payments.errors import CardDeclined, GatewayRefused
from app.payments.gateway.books import StripeBooks, each_of, window
from app.payments.gateway.calling import StripePart, ask, in_one_order, is_replayed
from app.payments.gateway.disputing import StripeDisputes
from app.payments.gateway.protocol import FINAL, PROCESSING, SESSION, PaymentRequest, ProviderPayment
from app.payments.gateway.reading import read_intent, read_session
from app.payments.gateway.refunding import StripeRefunds
from app.payments.gateway.saving import StripeSetups, StripeWallets

UNEXPECTED_STATE = "payment_intent_unexpected_state"
SESSION_PREFIX = "cs_"
WHOLE_INTENT: Any = {"expand": ["latest_charge"]}
WHOLE_SESSION: Any = {"expand": ["payment_intent.latest_charge"]}


class StripeGateway(StripePart):
    """PaymentIntents and hosted Checkout Sessions."""

    def open(self, request: PaymentRequest) -> ProviderPayment:
        """Create the object; see the protocol. A replayed answer is old, so what it names is read again."""
        options: stripe.RequestOptions = {"idempotency_key": request.idempotency_key}
        parameters = in_one_order(request.parameters)
        create: Callable[..., Any] = (
            self._v1.checkout.sessions.create if request.flow == SESSION else self._v1.payment_intents.create
        )
        try:
            made = ask(lambda: create(parameters, options))
        except CardDeclined as declined:
            if declined.object_id is None:
                raise
            return self.find(declined.object_id)
        return self.find(made.id) if is_replayed(made) else _read(made)

    def find(self, object_id: str) -> ProviderPayment:
        """The intent with its latest charge, or the session with both."""
        if _is_session(object_id):
            return _read(ask(lambda: self._v1.checkout.sessions.retrieve(object_id, WHOLE_SESSION)))
        return _read(ask(lambda: self._v1.payment_intents.retrieve(object_id, WHOLE_INTENT)))

    def find_by_payment(
        self, payment_id: UUID, *, flow: str, since: datetime, until: datetime | None = None
    ) -> ProviderPayment | None:
        """By listing: Stripe's search lags behind, a list does not."""
        objects: Any = self._v1.checkout.sessions if flow == SESSION else self._v1.payment_intents
        listed = each_of(objects.list, window(since, until=until))
        return next((seen for seen in map(_read, listed) if seen.payment_id == payment_id), None)

    def close(self, object_id: str) -> ProviderPayment:
        """Cancel the intent or expire the session; when its state forbids it, the answer is how it is."""
        return self._expire(object_id) if _is_session(object_id) else self._cancel(object_id)

    def _cancel(self, intent_id: str) -> ProviderPayment:
        try:
            return _read(ask(lambda: self._v1.payment_intents.cancel(intent_id)))
        except GatewayRefused as refusal:
            if refusal.code != UNEXPECTED_STATE:
                raise
            return self.find(intent_id)

    def _expire(self, session_id: str) -> ProviderPayment:
        """Stripe has no code for a session that is over already: it is read instead."""
        try:
            return _read(ask(lambda: self._v1.checkout.sessions.expire(session_id)))
        except GatewayRefused:
            seen = self.find(session_id)
            if seen.status in (*FINAL, PROCESSING):
                return seen
            raise


def _read(made: Any) -> ProviderPayment:
    content: Mapping[str, Any] = made.to_dict()
    return read_session(content) if _is_session(made.id) else read_intent(content)


def _is_session(object_id: str) -> bool:
    """Stripe's ids begin with their kind."""
    return object_id.startswith(SESSION_PREFIX)


class StripeCounter(StripeGateway, StripeSetups):
    """What a request asks Stripe for, while its buyer waits."""


class StripeWorker(StripeCounter, StripeWallets, StripeRefunds, StripeDisputes, StripeBooks):
    """All that a worker asks Stripe for."""
