"""What a payment provider must be able to do, and the words in which it answers. No money outside of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from app.payments.states import MANUAL, STRIPE

SUCCEEDED = "succeeded"
CANCELED = "canceled"
PROCESSING = "processing"
UNPAID = "requires_payment_method"
FINAL = frozenset({SUCCEEDED, CANCELED})
"""What cannot change any more at the provider; everything else is read again before it is believed."""

MISSING = "resource_missing"
"""The code of a refusal because of an object that the provider does not have, or not any more."""

INTENT, SESSION, TRANSFER = "payment_intent", "checkout_session", "manual"
PROVIDER_OF = {INTENT: STRIPE, SESSION: STRIPE, TRANSFER: MANUAL}
FLOWS = tuple(PROVIDER_OF)
"""How a buyer can pay: in a form of the shop's own, on a page of the provider's, or to the shop's account."""

Event = Mapping[str, Any]
"""One event of the provider as a webhook would bring it."""


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What to ask the provider for, exactly as stored with the payment: repeating it is the same request."""

    flow: str
    idempotency_key: str
    parameters: Mapping[str, object]

    @property
    def pays_at_once(self) -> bool:
        """Whether it also attempts the payment, by a saved method."""
        return bool(self.parameters.get("confirm"))


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


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What to ask the provider for, exactly as it follows from the refund's row: repeating it is the same."""

    idempotency_key: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRefund:
    """A refund of the provider's, as last seen; `refund_id` and `order_id` are ours, from its metadata.

    `status` is Stripe's word: pending, requires_action, succeeded, failed, canceled. `amount` in minor units.
    """

    provider_id: str
    status: str
    amount: int
    currency: str
    intent_id: str | None
    refund_id: UUID | None
    order_id: UUID | None
    failure_reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDispute:
    """A dispute as last seen. `status` is Stripe's word; `withdrawn`: the money is gone."""

    provider_id: str
    status: str
    reason: str
    amount: int
    currency: str
    intent_id: str | None
    withdrawn: bool
    evidence_due_at: datetime | None
    created_at: datetime


REFUND, DISPUTE, CHARGE = "refund", "dispute", "charge"
CUSTOMER, METHOD, SETUP = "customer", "payment_method", "setup_intent"


@dataclass(frozen=True, slots=True)
class Reversal:
    """Something about money that goes back, as an event names it; what it says is read again.

    `kind` is what the object is: a refund, a dispute, or a charge that was refunded. `intent_id` took the
    money. `is_ours`: it carries ids of ours.
    """

    kind: str
    object_id: str
    intent_id: str | None
    is_ours: bool


class Gateway(Protocol):
    """A provider. Calls may raise GatewayUnavailable (outcome unknown) and GatewayRefused (it said no)."""

    def open(self, request: PaymentRequest) -> ProviderPayment:
        """Make the object that the buyer pays. The same request again answers with the same object.

        One that pays at once may be declined: that is no refusal, the object is there to be paid otherwise.
        """

    def find(self, object_id: str) -> ProviderPayment:
        """The intent or session as it is now."""

    def find_by_payment(
        self, payment_id: UUID, *, flow: str, since: datetime, until: datetime | None = None
    ) -> ProviderPayment | None:
        """The object that carries our payment's id, among those made from `since` on, and before `until`.

        None without one. It is looked for from the newest on, and costs a call for each hundred before it.
        """

    def close(self, object_id: str) -> ProviderPayment:
        """Make sure that it can take no money any more; if it already did, the answer says so."""


class Refunds(Protocol):
    """Money that goes back through a provider. Its calls may raise what a Gateway's do."""

    def refund(self, request: RefundRequest) -> ProviderRefund:
        """Give money back. The same request again answers with the same refund, as it is now."""

    def find_refund(self, provider_id: str) -> ProviderRefund:
        """The refund as it is now."""

    def refunds_of(self, intent_id: str) -> Sequence[ProviderRefund]:
        """Every refund of what this intent took, whoever made it, oldest first."""


class Disputes(Protocol):
    """Charges that banks take back. Its calls may raise what a Gateway's do."""

    def find_dispute(self, provider_id: str) -> ProviderDispute:
        """The dispute as it is now."""


class Books(Protocol):
    """What a provider has made since a moment, for comparing: newest first, from the one behind `after` on.

    Each asks for a page when it is needed, and may raise then what a Gateway's calls do.
    """

    def payments_since(
        self, moment: datetime, *, flow: str, after: str | None = None
    ) -> Iterator[ProviderPayment]:
        """Each intent, or each hosted session that takes a payment, made from then on."""

    def refunds_since(self, moment: datetime, *, after: str | None = None) -> Iterator[ProviderRefund]:
        """Each refund made from then on."""

    def disputes_since(self, moment: datetime, *, after: str | None = None) -> Iterator[ProviderDispute]:
        """Each dispute opened from then on."""

    def undelivered_since(
        self, moment: datetime, *, until: datetime, after: str | None = None
    ) -> Iterator[Event]:
        """Each event since then and before `until`, about money, that an endpoint has not taken; whole."""


@dataclass(frozen=True, slots=True)
class CustomerRequest:
    """What to ask the provider for, as it follows from the customer's row: repeating it is the same."""

    idempotency_key: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ProviderSetup:
    """What a buyer saves a payment method with, in a form of the provider's; `status` is Stripe's word."""

    provider_id: str
    status: str
    client_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMethod:
    """A payment method that a customer has saved, as last seen."""

    provider_id: str
    kind: str
    brand: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None


class Setups(Protocol):
    """How payment methods come to be saved at a provider. Its calls may raise what a Gateway's do."""

    def make_customer(self, request: CustomerRequest) -> str:
        """The id of a customer of ours. The same request again answers with the same one."""

    def set_up(self, customer_id: str, *, idempotency_key: str) -> ProviderSetup:
        """Begin to save a card. The same key again answers with the same setup."""


class Wallets(Protocol):
    """Payment methods saved at a provider. Its calls may raise what a Gateway's do."""

    def methods_of(self, customer_id: str) -> Sequence[ProviderMethod] | None:
        """All that the customer has saved, oldest first; None when there is no such customer (any more)."""

    def detach(self, method_id: str) -> None:
        """Make sure that the method belongs to no customer any more. Repeating changes nothing."""


class Provider(Gateway, Refunds, Protocol):
    """What each provider can do, whichever it is: take money, and give it back."""


class Reported(Gateway, Refunds, Disputes, Protocol):
    """All that events are about: payments, and money that goes back."""


class WorkerGateway(Reported, Books, Protocol):
    """All that a provider can do. A request with a buyer waiting uses the first part only."""
