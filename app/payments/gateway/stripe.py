"""Stripe behind the gateway protocol, by its official SDK."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
import stripe

from app.payments.errors import GatewayRefused, GatewayUnavailable
from app.payments.gateway.observed import ObservedClient
from app.payments.gateway.protocol import FINAL, PROCESSING, SESSION, PaymentRequest, ProviderPayment
from app.payments.gateway.reading import read_intent, read_session

T = TypeVar("T")
UNEXPECTED_STATE = "payment_intent_unexpected_state"
SESSION_PREFIX = "cs_"
WHOLE_INTENT: Any = {"expand": ["latest_charge"]}
WHOLE_SESSION: Any = {"expand": ["payment_intent.latest_charge"]}


class StripeGateway:
    """PaymentIntents and hosted Checkout Sessions.

    `timeout`: (connect, answer) seconds; `retries`: the SDK's own, with the same key.
    """

    def __init__(self, *, api_key: str, base: str, timeout: tuple[float, float], retries: int) -> None:
        client = stripe.StripeClient(
            api_key,
            base_addresses={"api": base},
            http_client=ObservedClient(timeout=timeout),
            max_network_retries=retries,
        )
        self._intents = client.v1.payment_intents
        self._sessions = client.v1.checkout.sessions

    def open(self, request: PaymentRequest) -> ProviderPayment:
        """Create the object; see the protocol. A replayed answer is old, so what it names is read again."""
        options: stripe.RequestOptions = {"idempotency_key": request.idempotency_key}
        parameters = _in_one_order(request.parameters)
        create: Callable[..., Any] = (
            self._sessions.create if request.flow == SESSION else self._intents.create
        )
        made = _ask(lambda: create(parameters, options))
        headers = made.last_response.headers if made.last_response else {}
        if headers.get("Idempotent-Replayed") == "true":
            return self.find(made.id)
        return _read(made)

    def find(self, object_id: str) -> ProviderPayment:
        """The intent with its latest charge, or the session with both."""
        if _is_session(object_id):
            return _read(_ask(lambda: self._sessions.retrieve(object_id, WHOLE_SESSION)))
        return _read(_ask(lambda: self._intents.retrieve(object_id, WHOLE_INTENT)))

    def find_by_payment(self, payment_id: UUID, *, flow: str, since: datetime) -> ProviderPayment | None:
        """By listing: Stripe's search lags behind, a list does not."""
        window: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100}
        objects: Any = self._sessions if flow == SESSION else self._intents
        page = _ask(lambda: objects.list(window))
        found: Iterable[Any] = _ask(lambda: list(page.auto_paging_iter()))
        return next((seen for seen in map(_read, found) if seen.payment_id == payment_id), None)

    def close(self, object_id: str) -> ProviderPayment:
        """Cancel the intent or expire the session; when its state forbids it, the answer is how it is."""
        return self._expire(object_id) if _is_session(object_id) else self._cancel(object_id)

    def _cancel(self, intent_id: str) -> ProviderPayment:
        try:
            return _read(_ask(lambda: self._intents.cancel(intent_id)))
        except GatewayRefused as refusal:
            if refusal.code != UNEXPECTED_STATE:
                raise
            return self.find(intent_id)

    def _expire(self, session_id: str) -> ProviderPayment:
        """Stripe has no code for a session that is over already: it is read instead."""
        try:
            return _read(_ask(lambda: self._sessions.expire(session_id)))
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


def _in_one_order(parameters: Mapping[str, object]) -> Any:
    """The same bytes each time: JSONB gives keys back in another order than they were stored in."""
    return orjson.loads(orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS))


def _ask(call: Callable[[], T]) -> T:
    """The call's answer, or its error in our words: the SDK's own texts may name the buyer."""
    try:
        return call()
    except stripe.CardError as error:
        raise GatewayRefused(error.code or "card_error") from None
    except stripe.InvalidRequestError as error:
        raise GatewayRefused(error.code or "invalid_request") from None
    except stripe.StripeError as error:  # no answer, or none about this payment: a revoked key, a lock
        raise GatewayUnavailable(type(error).__name__) from None
