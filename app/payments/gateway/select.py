"""Which provider the settings name, with the patience of who asks."""

from typing import TYPE_CHECKING

from app.payments.gateway.protocol import Gateway

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from config import Settings

INLINE_CONNECT_SECONDS = 1.0
WORKER_CONNECT_SECONDS = 3.0


def inline_gateway(settings: "Settings") -> Gateway:
    """For a request with a buyer waiting: short timeouts, no second try."""
    timeout = (INLINE_CONNECT_SECONDS, settings.stripe_inline_timeout.total_seconds())
    return _stripe(settings, timeout, retries=0)


def worker_gateway(settings: "Settings") -> Gateway:
    """For a worker: long timeouts, and the SDK's own second try with the same key."""
    timeout = (WORKER_CONNECT_SECONDS, settings.stripe_timeout.total_seconds())
    return _stripe(settings, timeout, retries=1)


def _stripe(settings: "Settings", timeout: tuple[float, float], *, retries: int) -> Gateway:
    from app.payments.gateway.stripe import StripeGateway  # its import takes 0.4 s: only who calls it pays

    return StripeGateway(
        api_key=settings.stripe_api_key, base=settings.stripe_api_base, timeout=timeout, retries=retries
    )
