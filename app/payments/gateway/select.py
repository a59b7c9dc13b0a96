"""Which provider the settings name, with the patience of who asks."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # only for hints: settings are handed in, and the SDK's import takes 0.4 s
    import stripe

    from app.payments.gateway.stripe import StripeCounter, StripeWorker
    from config import Settings

INLINE_CONNECT_SECONDS = 1.0
WORKER_CONNECT_SECONDS = 3.0


def inline_gateway(settings: "Settings") -> "StripeCounter":
    """For a request with a buyer waiting: short timeouts, no second try."""
    from app.payments.gateway.stripe import StripeCounter  # its import takes 0.4 s: only who calls it pays

    timeout = (INLINE_CONNECT_SECONDS, settings.stripe_inline_timeout.total_seconds())
    return StripeCounter(_client(settings, timeout, retries=0))


def worker_gateway(settings: "Settings") -> "StripeWorker":
    """For a worker: long timeouts, and the SDK's own second try with the same key."""
    from app.payments.gateway.stripe import StripeWorker as Worker  # the same

    timeout = (WORKER_CONNECT_SECONDS, settings.stripe_timeout.total_seconds())
    return Worker(_client(settings, timeout, retries=1))


def _client(settings: "Settings", timeout: tuple[float, float], *, retries: int) -> "stripe.StripeClient":
    from app.payments.gateway.calling import client  # the same

    return client(
        api_key=settings.stripe_api_key, base=settings.stripe_api_base, timeout=timeout, retries=retries
    )
