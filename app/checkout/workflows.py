"""The counter's part of a payment: open it now if the provider is quick, else leave it to a worker."""

from datetime import timedelta

from app.checkout.services import Opening
from app.events.claims import ClaimLost
from app.payments import workflows as payments
from app.payments.errors import GatewayRefused, GatewayUnavailable
from app.payments.gateway.inline import InlineCalls
from app.payments.gateway.protocol import Gateway
from app.platform.db import transaction
from app.platform.logging import get_logger

log = get_logger("app.checkout")


def open_now(opening: Opening, *, gateway: Gateway, calls: InlineCalls, backoff: timedelta) -> None:
    """Have the provider make what the buyer pays, or leave that to a worker; the order stands either way."""
    try:
        with calls.slot() as free:
            if free:
                payments.open_now(
                    opening.claim, opening.request, payment_id=opening.payment_id, gateway=gateway
                )
                return
    except (GatewayUnavailable, GatewayRefused) as error:
        log.warning("payment_not_opened_inline", payment_id=str(opening.payment_id), reason=str(error))
        with transaction() as session:
            opening.claim.give_back(session, error=str(error), base=backoff)
        return
    except ClaimLost:  # this request was frozen past its lease, and a worker has opened the payment
        return
    with transaction() as session:
        opening.claim.hand_over(session)
