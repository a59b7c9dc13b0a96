"""The API as it is served, but for two things.

The payment provider answers at once, inside of the process: so a checkout is measured without the provider's
SDK and without the way to it. And finished answers are given only to who asks for them, so that those that
have to be made can be measured beside them. Everything else is `wsgi.py`.
"""

from datetime import datetime
from uuid import UUID

from flask import request

from app.payments.gateway.protocol import Gateway, PaymentRequest, ProviderPayment
from app.platform.cache.answers import EXTENSION, Answers
from app.platform.cache.store import Asked
from bench.requests import CACHED
from wsgi import app

__all__ = ["app"]


class InstantGateway:
    """Opens every payment at once. Nobody should ask it for anything else: that would be another scenario."""

    def open(self, request: PaymentRequest) -> ProviderPayment:
        """The object that the parameters describe; the same request again answers with the same object."""
        asked = dict(request.parameters)
        metadata = asked["metadata"]
        if not isinstance(metadata, dict) or not isinstance(asked["amount"], int):
            raise TypeError("Those are not the parameters of a payment.")
        provider_id = f"pi_{UUID(metadata['payment_id']).hex}"
        return ProviderPayment(
            provider_id=provider_id,
            status="requires_payment_method",
            amount=asked["amount"],
            amount_received=0,
            currency=str(asked["currency"]).upper(),
            payment_id=UUID(metadata["payment_id"]),
            order_id=UUID(metadata["order_id"]),
            client_secret=f"{provider_id}_secret",
        )

    def find(self, object_id: str) -> ProviderPayment:
        """Not measured."""
        raise NotImplementedError

    def find_by_payment(
        self, payment_id: UUID, *, flow: str, since: datetime, until: datetime | None = None
    ) -> ProviderPayment | None:
        """Not measured."""
        raise NotImplementedError

    def close(self, object_id: str) -> ProviderPayment:
        """Not measured."""
        raise NotImplementedError


_gateway: Gateway = InstantGateway()
app.extensions["payment_gateway"] = _gateway


class OnRequest:
    """Finished answers for requests with the header `CACHED`; for the others nothing is kept."""

    def __init__(self, answers: Answers) -> None:
        self.control, self.make = answers.control, answers.make
        self._find = answers.find

    def find(self, key: str) -> Asked:
        """See Answers."""
        return self._find(key) if CACHED in request.headers else Asked("off")


app.extensions[EXTENSION] = OnRequest(app.extensions[EXTENSION])
