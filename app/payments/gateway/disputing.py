"""What banks take back through Stripe."""

from collections.abc import Sequence
from typing import Any

from app.payments.gateway.calling import StripePart, ask
from app.payments.gateway.protocol import ProviderDispute
from app.payments.gateway.reading import read_dispute


class StripeDisputes(StripePart):
    """Disputes about PaymentIntents."""

    def find_dispute(self, provider_id: str) -> ProviderDispute:
        """See the protocol."""
        return read_dispute(ask(lambda: self._v1.disputes.retrieve(provider_id)).to_dict())

    def disputes_of(self, intent_id: str) -> Sequence[ProviderDispute]:
        """See the protocol. Stripe lists the newest first."""
        wanted: Any = {"payment_intent": intent_id, "limit": 100}
        found = ask(lambda: list(self._v1.disputes.list(wanted).auto_paging_iter()))
        return [read_dispute(each.to_dict()) for each in reversed(found)]
