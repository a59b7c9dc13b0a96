"""What banks take back through Stripe."""

from app.payments.gateway.calling import StripePart, ask
from app.payments.gateway.protocol import ProviderDispute
from app.payments.gateway.reading import read_dispute


class StripeDisputes(StripePart):
    """Disputes about PaymentIntents."""

    def find_dispute(self, provider_id: str) -> ProviderDispute:
        """See the protocol."""
        return read_dispute(ask(lambda: self._v1.disputes.retrieve(provider_id)).to_dict())
