"""Calling Stripe by its SDK: each part of the gateway is asked through here, and fails in our words."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson
import stripe

from app.payments.errors import BeyondOurKey, CardDeclined, FailureKept, GatewayRefused, GatewayUnavailable
from app.payments.gateway.observed import ObservedClient

T = TypeVar("T")


def client(*, api_key: str, base: str, timeout: tuple[float, float], retries: int) -> stripe.StripeClient:
    """The SDK's client. `timeout`: (connect, answer) seconds; `retries`: the SDK's own, with the same key."""
    return stripe.StripeClient(
        api_key,
        base_addresses={"api": base},
        http_client=ObservedClient(timeout=timeout),
        max_network_retries=retries,
    )


class StripePart:
    """What every part of the gateway is made of: the client that it asks with."""

    def __init__(self, asked: stripe.StripeClient) -> None:
        self._v1 = asked.v1


def ask(call: Callable[[], T]) -> T:
    """The call's answer, or its error in our words: the SDK's own texts may name the buyer."""
    try:
        return call()
    except stripe.CardError as error:
        raise CardDeclined(error.code or "card_error", _declined_object(error)) from None
    except stripe.InvalidRequestError as error:
        raise GatewayRefused(error.code or "invalid_request") from None
    except stripe.PermissionError as error:
        raise BeyondOurKey(type(error).__name__) from None
    except stripe.StripeError as error:  # no answer, or none about this payment: a revoked key, a lock
        kept = (error.http_status or 0) >= 500 and _says_replayed(error.headers)
        raise (FailureKept if kept else GatewayUnavailable)(type(error).__name__) from None


def _declined_object(error: stripe.CardError) -> str | None:
    intent = error.error.payment_intent if error.error else None
    return intent.id if intent else None


def is_replayed(made: Any) -> bool:
    """Whether the answer was kept under the key, and so tells what was then."""
    return _says_replayed(made.last_response.headers if made.last_response else None)


def _says_replayed(headers: Mapping[str, str] | None) -> bool:
    return (headers or {}).get("Idempotent-Replayed") == "true"


def in_one_order(parameters: Mapping[str, object]) -> Any:
    """The same bytes each time: JSONB gives keys back in another order than they were stored in."""
    return orjson.loads(orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS))
