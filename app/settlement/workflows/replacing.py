"""Closing the payment that a new one waits for, and then opening that. Safe to repeat from its start."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Claim
from app.orders import services as orders
from app.payments import queries as payment_queries
from app.payments import states
from app.payments import workflows as payment_workflows
from app.payments.gateway.protocol import CANCELED, Gateway, ProviderPayment
from app.payments.services import payments
from app.payments.services.opening import Opening, PaymentTerms
from app.platform.db import transaction
from app.settlement import services
from app.settlement.errors import NotYet
from app.settlement.services import Attempt, Holds, attempts
from app.settlement.workflows.closing import Closing, closed_at_provider, closing_of

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment


def attempt_now(
    attempt: Attempt,
    *,
    gateway: Gateway,
    terms: PaymentTerms,
    holds: Holds,
    backoff: timedelta,
) -> None:
    """Make room for a new payment and open it while the buyer waits, as far as the provider is quick."""
    mine, replacing = attempt.opening, attempt.replacing
    if replacing is not None:

        def work() -> Opening | None:
            return replace_payment(
                replacing,
                payment_id=attempt.payment_id,
                gateway=gateway,
                terms=terms,
                holds=holds,
                inline=True,
            )

        mine = payment_workflows.at_counter(replacing, work, backoff=backoff, failures=(NotYet,))
    if mine is not None:
        payment_workflows.open_at_counter(mine, gateway=gateway, backoff=backoff)


def replace_payment(
    claim: Claim,
    *,
    payment_id: UUID,
    gateway: Gateway,
    terms: PaymentTerms,
    holds: Holds,
    inline: bool = False,
) -> Opening | None:
    """Close the payment that this one waits for; what the provider decided first stands.

    Paid is settled, and processing goes on: then this one is cancelled. Else it is to be opened: by a worker,
    or by who has the answer, when `inline` asks for that. Raises NotYet when the other's end is not known.
    """
    with transaction() as session:
        claim.check(session)
        _, payment = _locked(session, payment_id)
        other = _other(session, payment)
        closing = closing_of(session, other) if other and other.status in states.LIVE else None
    seen = closed_at_provider(closing, gateway) if closing else None
    with transaction() as session:
        claim.check(session)
        if seen is not None:
            services.settle(session, seen, holds=holds)
        order, payment = _locked(session, payment_id)
        decided = _is_decided(session, payment, closing, seen)
        mine = None
        if decided and payment.waits_for_id is not None:
            mine = attempts.release(session, order, payment, terms=terms, inline=inline)
        if decided:
            claim.finish(session)
    if not decided:
        raise NotYet("the provider has not decided about the payment before")
    return mine


def _locked(session: Session, payment_id: UUID) -> "tuple[Order, Payment]":
    order = orders.lock(session, payment_queries.get(session, payment_id).order_id)
    return order, payments.lock(session, payment_id)


def _other(session: Session, payment: "Payment") -> "Payment | None":
    """The payment that this one waits for, locked; None when it waits for nothing (any more)."""
    return payments.lock(session, payment.waits_for_id) if payment.waits_for_id else None


def _is_decided(
    session: Session, payment: "Payment", closing: Closing | None, seen: ProviderPayment | None
) -> bool:
    """Whether the other payment can take no money any more, or has taken it; then our books say so too."""
    other = _other(session, payment)
    if other is None or other.status not in (states.CREATING, states.OPEN):
        return True
    if closing is None or (seen is not None and seen.status != CANCELED):
        return False
    # It was never made, or its end does not fit our facts: there is no money in it.
    payments.record_cancelled(session, other)
    session.flush()
    return True
