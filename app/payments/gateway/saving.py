"""Payment methods saved at Stripe."""

from collections.abc import Sequence
from typing import Any

from app.payments.errors import GatewayRefused
from app.payments.gateway.calling import StripePart, ask, in_one_order
from app.payments.gateway.protocol import MISSING, CustomerRequest, ProviderMethod, ProviderSetup
from app.payments.gateway.reading import read_method


class StripeSetups(StripePart):
    """Customers, and SetupIntents that save a card for them."""

    def make_customer(self, request: CustomerRequest) -> str:
        """See the protocol."""
        parameters = in_one_order(request.parameters)
        made = ask(
            lambda: self._v1.customers.create(parameters, {"idempotency_key": request.idempotency_key})
        )
        return made.id

    def set_up(self, customer_id: str, *, idempotency_key: str) -> ProviderSetup:
        """See the protocol. The card is for payments at which its owner is there."""
        wanted: Any = {
            "customer": customer_id,
            "usage": "on_session",
            "allowed_payment_method_types": ["card"],
        }
        made = ask(lambda: self._v1.setup_intents.create(wanted, {"idempotency_key": idempotency_key}))
        return ProviderSetup(made.id, made.status, str(made.client_secret))


class StripeWallets(StripePart):
    """PaymentMethods of Customers."""

    def methods_of(self, customer_id: str) -> Sequence[ProviderMethod] | None:
        """See the protocol. Stripe lists the newest first, and answers for deleted customers, too."""
        wanted: Any = {"limit": 100}
        try:
            customer = ask(lambda: self._v1.customers.retrieve(customer_id))
            if getattr(customer, "deleted", False):
                return None
            page = ask(lambda: self._v1.customers.payment_methods.list(customer_id, wanted))
            found = ask(lambda: list(page.auto_paging_iter()))
        except GatewayRefused as refusal:
            if refusal.code != MISSING:
                raise
            return None
        return [read_method(each.to_dict()) for each in reversed(found)]

    def detach(self, method_id: str) -> None:
        """See the protocol. Stripe has no code for a method that is nobody's already: it is read instead."""
        try:
            ask(lambda: self._v1.payment_methods.detach(method_id))
        except GatewayRefused:
            if self._is_attached(method_id):
                raise

    def _is_attached(self, method_id: str) -> bool:
        try:
            return ask(lambda: self._v1.payment_methods.retrieve(method_id)).customer is not None
        except GatewayRefused as refusal:
            if refusal.code != MISSING:
                raise
            return False
