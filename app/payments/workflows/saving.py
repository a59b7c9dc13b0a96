"""Saving payment methods at the provider, and removing them. Safe to repeat from its start."""

from typing import TYPE_CHECKING
from uuid import UUID

from app.events.claims import Claim
from app.events.services import publish
from app.payments.errors import FailureKept, GatewayRefused
from app.payments.events import SyncRequested
from app.payments.gateway.protocol import ProviderSetup, Setups, Wallets
from app.payments.services import copying, wallets
from app.payments.services.asking import Gaps
from app.platform.db import transaction
from app.platform.ids import new_id

if TYPE_CHECKING:  # for the hint
    from app.payments.models import ProviderCustomer


def begin_to_save(user_id: UUID, *, key: str, gateway: Setups, gaps: Gaps) -> ProviderSetup:
    """What the user saves a card with; the same `key` again answers with the same, for a day.

    The customer's row is there before the provider makes a customer of it, under a key that follows from it.
    One that was deleted there is made anew by the next call. Raises PaymentMethodsFull, and what the
    gateway's calls do.
    """
    with transaction() as session:
        customer = wallets.expect_method(session, user_id, gaps)
    provider_id = customer.provider_id or _make(customer, gateway)
    try:
        return gateway.set_up(provider_id, idempotency_key=f"setup:{user_id}:{key}")
    except FailureKept:  # for ever, under this key; a setup that nobody confirms does no harm
        return gateway.set_up(provider_id, idempotency_key=f"setup:{user_id}:{new_id()}")
    except GatewayRefused:
        with transaction() as session:
            publish(session, SyncRequested(user_id=user_id))
        raise


def _make(customer: "ProviderCustomer", gateway: Setups) -> str:
    try:
        provider_id = gateway.make_customer(wallets.request_for(customer))
    except FailureKept:  # for ever, under this key
        with transaction() as session:
            wallets.start_over(session, customer.id)
        raise
    with transaction() as session:
        wallets.record_made(session, customer.id, provider_id)
    return provider_id


def copy_methods(claim: Claim, *, user_id: UUID, gateway: Wallets) -> None:
    """Make our copy of what a user has saved anew from the provider's list."""
    with transaction() as session:
        claim.check(session)
        asked = copying.question(session, user_id)
        if asked is None:
            claim.finish(session)
            return
    seen = gateway.methods_of(asked.provider_id)
    with transaction() as session:
        claim.check(session)
        copying.record(session, asked, seen)
        claim.finish(session)


def detach_method(claim: Claim, *, method_id: UUID, gateway: Wallets) -> None:
    """Remove a method at the provider; its row goes when the provider's list, asked for then, lacks it."""
    with transaction() as session:
        claim.check(session)
        provider_id = copying.to_remove(session, method_id)
        if provider_id is None:
            claim.finish(session)
            return
    gateway.detach(provider_id)
    with transaction() as session:
        claim.check(session)
        publish(session, SyncRequested(user_id=UUID(claim.delivery.subject)))
        claim.finish(session)
