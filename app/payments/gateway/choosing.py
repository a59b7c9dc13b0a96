"""Several providers as one: each call goes to the one whose flow, or whose object, it is about.

A provider is added here: a name, the ids that are its own, and the gateway behind them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

from app.payments.gateway.inline import InlineCalls, InlineGateway
from app.payments.gateway.manual import PREFIX, ManualGateway
from app.payments.gateway.protocol import (
    PROVIDER_OF,
    Event,
    Gateway,
    PaymentRequest,
    Provider,
    ProviderDispute,
    ProviderMethod,
    ProviderPayment,
    ProviderRefund,
    RefundRequest,
)
from app.payments.states import MANUAL, STRIPE

if TYPE_CHECKING:  # only for the hint: the SDK's import takes 0.4 s
    from app.payments.gateway.stripe import StripeWorker

PREFIXES = {PREFIX: MANUAL}
"""How ids begin that are another provider's than Stripe's."""
Each = TypeVar("Each", bound=Gateway)


class AnyGateway(Generic[Each]):
    """A gateway that hands each call to the provider that it is for."""

    def __init__(self, providers: Mapping[str, Each]) -> None:
        self._providers = providers

    def open(self, request: PaymentRequest) -> ProviderPayment:
        """See the protocol."""
        return self._providers[PROVIDER_OF[request.flow]].open(request)

    def find(self, object_id: str) -> ProviderPayment:
        """See the protocol."""
        return self._of(object_id).find(object_id)

    def find_by_payment(
        self, payment_id: UUID, *, flow: str, since: datetime, until: datetime | None = None
    ) -> ProviderPayment | None:
        """See the protocol."""
        provider = self._providers[PROVIDER_OF[flow]]
        return provider.find_by_payment(payment_id, flow=flow, since=since, until=until)

    def close(self, object_id: str) -> ProviderPayment:
        """See the protocol."""
        return self._of(object_id).close(object_id)

    def _of(self, object_id: str) -> Each:
        known = (name for prefix, name in PREFIXES.items() if object_id.startswith(prefix))
        return self._providers[next(known, STRIPE)]


class AnyProvider(AnyGateway[Provider]):
    """All that a worker asks providers for. Events, disputes, lists and saved methods are Stripe's alone."""

    def __init__(self, stripe: "StripeWorker", others: Mapping[str, Provider]) -> None:
        super().__init__({STRIPE: stripe, **others})
        self._stripe = stripe

    def refund(self, request: RefundRequest) -> ProviderRefund:
        """See the protocol."""
        return self._of(str(request.parameters["payment_intent"])).refund(request)

    def find_refund(self, provider_id: str) -> ProviderRefund:
        """See the protocol."""
        return self._of(provider_id).find_refund(provider_id)

    def refunds_of(self, intent_id: str) -> Sequence[ProviderRefund]:
        """See the protocol."""
        return self._of(intent_id).refunds_of(intent_id)

    def find_dispute(self, provider_id: str) -> ProviderDispute:
        """See the protocol."""
        return self._stripe.find_dispute(provider_id)

    def payments_since(
        self, moment: datetime, *, flow: str, after: str | None = None
    ) -> Iterator[ProviderPayment]:
        """See the protocol."""
        return self._stripe.payments_since(moment, flow=flow, after=after)

    def refunds_since(self, moment: datetime, *, after: str | None = None) -> Iterator[ProviderRefund]:
        """See the protocol."""
        return self._stripe.refunds_since(moment, after=after)

    def disputes_since(self, moment: datetime, *, after: str | None = None) -> Iterator[ProviderDispute]:
        """See the protocol."""
        return self._stripe.disputes_since(moment, after=after)

    def undelivered_since(
        self, moment: datetime, *, until: datetime, after: str | None = None
    ) -> Iterator[Event]:
        """See the protocol."""
        return self._stripe.undelivered_since(moment, until=until, after=after)

    def methods_of(self, customer_id: str) -> Sequence[ProviderMethod] | None:
        """See the protocol."""
        return self._stripe.methods_of(customer_id)

    def detach(self, method_id: str) -> None:
        """See the protocol."""
        self._stripe.detach(method_id)


def for_counter(stripe: Gateway, calls: InlineCalls) -> AnyGateway[Gateway]:
    """All providers for a request with a buyer waiting; only calls to Stripe can keep it waiting."""
    return AnyGateway({STRIPE: InlineGateway(stripe, calls), MANUAL: ManualGateway()})


def for_workers(stripe: "StripeWorker") -> AnyProvider:
    """All providers for a worker."""
    return AnyProvider(stripe, {MANUAL: ManualGateway()})
