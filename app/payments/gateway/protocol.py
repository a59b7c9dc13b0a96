"""What a payment provider must be able to do, and the words in which it answers. No money outside of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

SUCCEEDED = "succeeded"
CANCELED = "canceled"
PROCESSING = "processing"
UNPAID = "requires_payment_method"
FINAL = frozenset({SUCCEEDED, CANCELED})
"""What cannot change any more at the provider; everything else is read again before it is believed."""

INTENT, SESSION = "payment_intent", "checkout_session"
FLOWS = (INTENT, SESSION)
"""How a buyer can pay: in a form of the shop's own, or on a page of the provider's."""


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What to ask the provider for, exactly as stored with the payment: repeating it is the same request."""

    flow: str
    idempotency_key: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Decline:
    """Why an attempt failed: the provider's codes, and the attempt's id. Its text for the buyer, too."""

    code: str
    decline_code: str | None
    message: str
    attempt_id: str | None


@dataclass(frozen=True, slots=True)
class Charge:
    """What an object of the provider was paid with; None where it did not say."""

    provider_id: str | None
    payment_id: UUID | None
    kind: str | None
    brand: str | None
    last4: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderPayment:
    """The provider's object behind a payment, as last seen: an intent, a hosted session, or both.

    `provider_id` is the intent's id; a session has none before the buyer begins to pay. `status` is Stripe's
    word for an intent, `amount` minor units; `payment_id` and `order_id` are ours, from its metadata.
    """

    provider_id: str | None
    session_id: str | None = None
    status: str
    amount: int
    amount_received: int
    currency: str
    payment_id: UUID | None
    order_id: UUID | None
    client_secret: str | None = None
    redirect_url: str | None = None
    decline: Decline | None = None
    charge: Charge | None = None

    @property
    def is_final(self) -> bool:
        """Whether this cannot change any more at the provider."""
        return self.status in FINAL

    @property
    def object_id(self) -> str:
        """What to find or close it by: the session if there is one: its intent is not ours to close."""
        found = self.session_id or self.provider_id
        if found is None:
            raise ValueError("an object of the provider without an id")
        return found


class Gateway(Protocol):
    """A provider. Calls may raise GatewayUnavailable (outcome unknown) and GatewayRefused (it said no)."""

    def open(self, request: PaymentRequest) -> ProviderPayment:
        """Make the object that the buyer pays. The same request again answers with the same object."""

    def find(self, object_id: str) -> ProviderPayment:
        """The intent or session as it is now."""

    def find_by_payment(self, payment_id: UUID, *, flow: str, since: datetime) -> ProviderPayment | None:
        """The object that carries our payment's id, among those made from `since` on; None without one."""

    def close(self, object_id: str) -> ProviderPayment:
        """Make sure that it can take no money any more; if it already did, the answer says so."""
