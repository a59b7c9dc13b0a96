"""Stripe behind the gateway protocol, by its official SDK."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
import stripe

from app.payments.errors import GatewayRefused, GatewayUnavailable
from app.payments.gateway.observed import ObservedClient
from app.payments.gateway.protocol import Charge, Decline, PaymentRequest, ProviderPayment

T = TypeVar("T")
UNEXPECTED_STATE = "payment_intent_unexpected_state"


class StripeGateway:
    """PaymentIntents. `timeout`: (connect, answer) seconds; `retries`: the SDK's own, with the same key."""

    def __init__(self, *, api_key: str, base: str, timeout: tuple[float, float], retries: int) -> None:
        client = stripe.StripeClient(
            api_key,
            base_addresses={"api": base},
            http_client=ObservedClient(timeout=timeout),
            max_network_retries=retries,
        )
        self._intents = client.v1.payment_intents

    def open(self, request: PaymentRequest) -> ProviderPayment:
        """Create the intent; see the protocol. A replayed answer is old, so what it names is read again."""
        options: stripe.RequestOptions = {"idempotency_key": request.idempotency_key}
        parameters = _in_one_order(request.parameters)
        intent = _ask(lambda: self._intents.create(parameters, options))
        headers = intent.last_response.headers if intent.last_response else {}
        if headers.get("Idempotent-Replayed") == "true":
            return self.find(intent.id)
        return read_intent(intent.to_dict())

    def find(self, provider_id: str) -> ProviderPayment:
        """The intent with its latest charge."""
        expand: Any = {"expand": ["latest_charge"]}
        return read_intent(_ask(lambda: self._intents.retrieve(provider_id, expand)).to_dict())

    def find_by_payment(self, payment_id: UUID, *, since: datetime) -> ProviderPayment | None:
        """By listing: Stripe's search lags behind, a list does not."""
        window: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100}
        page = _ask(lambda: self._intents.list(window))
        for intent in _ask(lambda: list(page.auto_paging_iter())):
            seen = read_intent(intent.to_dict())
            if seen.payment_id == payment_id:
                return seen
        return None

    def close(self, provider_id: str) -> ProviderPayment:
        """Cancel the intent; when its state forbids it, the answer is the intent as it is."""
        try:
            return read_intent(_ask(lambda: self._intents.cancel(provider_id)).to_dict())
        except GatewayRefused as refusal:
            if refusal.code != UNEXPECTED_STATE:
                raise
            return self.find(provider_id)


def read_intent(intent: Mapping[str, Any]) -> ProviderPayment:
    """A PaymentIntent's JSON, from an answer or from an event, in our words."""
    metadata = intent.get("metadata") or {}
    charge = intent.get("latest_charge")  # whole when it was asked for, else its id
    return ProviderPayment(
        provider_id=intent["id"],
        status=intent["status"],
        amount=intent["amount"],
        amount_received=intent.get("amount_received") or 0,
        currency=intent["currency"].upper(),
        payment_id=_uuid(metadata.get("payment_id")),
        order_id=_uuid(metadata.get("order_id")),
        client_secret=intent.get("client_secret"),
        decline=_decline(intent.get("last_payment_error")),
        charge=read_charge(charge) if isinstance(charge, Mapping) else None,
    )


def read_charge(charge: Mapping[str, Any]) -> Charge:
    """A Charge's JSON in our words."""
    details = charge.get("payment_method_details") or {}
    kind = details.get("type")
    method = details.get(kind) or {}
    return Charge(
        provider_id=charge.get("payment_intent"),
        payment_id=_uuid((charge.get("metadata") or {}).get("payment_id")),
        kind=kind,
        brand=method.get("brand") or method.get("bank_name"),
        last4=method.get("last4"),
    )


def _in_one_order(parameters: Mapping[str, object]) -> Any:
    """The same bytes each time: JSONB gives keys back in another order than they were stored in."""
    return orjson.loads(orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS))


def _decline(error: Mapping[str, Any] | None) -> Decline | None:
    if not error:
        return None
    return Decline(
        code=error.get("code") or "unknown",
        decline_code=error.get("decline_code"),
        message=error.get("message") or "The payment was declined.",
        attempt_id=error.get("charge"),
    )


def _uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        return None


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
