"""Stripe's HTTP client with each call counted, timed and traced, by what it asks for and never for whom."""

import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe
from prometheus_client import Counter, Histogram

from app.platform import tracing
from app.platform.metrics import SLOW

CALLS = Counter("backroom_stripe_calls", "HTTP calls to Stripe, each try", ["operation", "outcome"])
SECONDS = Histogram("backroom_stripe_call_seconds", "Until Stripe's answer", ["operation"], buckets=SLOW)

_WORD = re.compile(r"v1|[a-z_]+")
_OUTCOMES = {402: "declined", 409: "conflict", 429: "limited"}


class ObservedClient(stripe.RequestsClient):
    """What the SDK sends its calls with."""

    def request(  # type: ignore[override]  # RequestsClient itself narrows its parent so
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """One try of a call. Raises what the SDK's own client does."""
        operation, outcome = operation_of(method, url), "unreachable"
        started = time.perf_counter()
        try:
            with tracing.span(f"stripe {operation}", tracing.CLIENT):
                answer: tuple[bytes, int, Mapping[str, str]] = super().request(
                    method, url, headers, post_data
                )
                tracing.describe(f"stripe {operation}", {"http.response.status_code": answer[1]})
            outcome = outcome_of(answer[1])
        finally:
            CALLS.labels(operation, outcome).inc()
            SECONDS.labels(operation).observe(time.perf_counter() - started)
        return answer


def operation_of(method: str, url: str) -> str:
    """A call without ids and query: `POST /v1/payment_intents/{id}/cancel`."""
    words = [word if _WORD.fullmatch(word) else "{id}" for word in urlsplit(url).path.split("/") if word]
    return f"{method.upper()} /{'/'.join(words)}"


def outcome_of(status: int) -> str:
    """An HTTP status in one word."""
    if status < 400:
        return "done"
    return _OUTCOMES.get(status, "refused" if status < 500 else "failed")
