"""Money that goes back through Stripe."""

from collections.abc import Sequence
from typing import Any

from app.payments.gateway.calling import StripePart, ask, in_one_order, is_replayed
from app.payments.gateway.protocol import ProviderRefund, RefundRequest
from app.payments.gateway.reading import read_refund


class StripeRefunds(StripePart):
    """Refunds of PaymentIntents."""

    def refund(self, request: RefundRequest) -> ProviderRefund:
        """Create it; see the protocol. A replayed answer is old, so what it names is read again."""
        parameters = in_one_order(request.parameters)
        made = ask(lambda: self._v1.refunds.create(parameters, {"idempotency_key": request.idempotency_key}))
        return self.find_refund(made.id) if is_replayed(made) else read_refund(made.to_dict())

    def find_refund(self, provider_id: str) -> ProviderRefund:
        """See the protocol."""
        return read_refund(ask(lambda: self._v1.refunds.retrieve(provider_id)).to_dict())

    def refunds_of(self, intent_id: str) -> Sequence[ProviderRefund]:
        """See the protocol. Stripe lists the newest first."""
        wanted: Any = {"payment_intent": intent_id, "limit": 100}
        found = ask(lambda: list(self._v1.refunds.list(wanted).auto_paging_iter()))
        return [read_refund(each.to_dict()) for each in reversed(found)]
