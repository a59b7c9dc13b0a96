"""The model of Stripe as the shop reaches it: at the gateway protocol, with what befalls calls."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from app.payments.errors import GatewayUnavailable
from app.payments.gateway.protocol import (
    SESSION,
    PaymentRequest,
    ProviderDispute,
    ProviderPayment,
    ProviderRefund,
    RefundRequest,
)
from app.payments.gateway.reading import read_dispute, read_object, read_refund
from tests.settlement.model_of_stripe import UNPAID, Json, ModelOfStripe

T = TypeVar("T")


class Killed(BaseException):
    """The process died here; nothing of it may run on."""


class Troubles:
    """What befalls calls to the outside, each one call, the last that was ordered first."""

    KINDS = ("lost before", "lost after", "killed before", "killed after", "frozen")

    def __init__(self, silence: Callable[[], Exception], meanwhile: Callable[[], object]) -> None:
        self.ordered: list[str] = []
        self._silence = silence
        self._meanwhile = meanwhile

    def call(self, effect: Callable[[], T]) -> T:
        """Do it, with the next trouble before or after its effect."""
        trouble = self.ordered.pop() if self.ordered else ""
        self._befall(trouble, "before")
        answer = effect()
        self._befall(trouble, "after")
        if trouble == "frozen":
            self._meanwhile()
        return answer

    def _befall(self, trouble: str, moment: str) -> None:
        if trouble == f"killed {moment}":
            raise Killed
        if trouble == f"lost {moment}":
            raise self._silence()


class ModelGateway:
    """Answers from the model; `troubles` befall its calls, and while one is frozen `meanwhile` happens."""

    def __init__(self, stripe: ModelOfStripe, meanwhile: Callable[[], object]) -> None:
        self.troubles = Troubles(lambda: GatewayUnavailable("no answer"), meanwhile)
        self._stripe = stripe
        self._made: dict[str, str] = {}

    def open(self, request: PaymentRequest) -> ProviderPayment:
        """See the protocol."""
        make = self._stripe.new_session if request.flow == SESSION else self._stripe.new_intent
        return self._read(self._once(request.idempotency_key, lambda: make(dict(request.parameters))))

    def find(self, object_id: str) -> ProviderPayment:
        """See the protocol."""
        return self.troubles.call(lambda: self._read(object_id))

    def find_by_payment(
        self, payment_id: UUID, *, flow: str, since: datetime, until: datetime | None = None
    ) -> ProviderPayment | None:
        """See the protocol."""
        things = self._stripe.sessions if flow == SESSION else self._stripe.intents

        def look() -> ProviderPayment | None:
            ours = (each for each in things.values() if each["metadata"].get("payment_id") == str(payment_id))
            found = next(ours, None)
            return self._read(found["id"]) if found else None

        return self.troubles.call(look)

    def close(self, object_id: str) -> ProviderPayment:
        """See the protocol."""

        def effect() -> ProviderPayment:
            if object_id in self._stripe.sessions:
                self._stripe.expire(object_id)
            elif self._stripe.intents[object_id]["status"] in UNPAID:
                self._stripe.cancel(object_id)
            return self._read(object_id)

        return self.troubles.call(effect)

    def refund(self, request: RefundRequest) -> ProviderRefund:
        """See the protocol."""
        asked: Any = request.parameters
        made = self._once(request.idempotency_key, lambda: self._stripe.new_refund(**asked))
        return read_refund(self._stripe.refunds[made])

    def find_refund(self, provider_id: str) -> ProviderRefund:
        """See the protocol."""
        return self.troubles.call(lambda: read_refund(self._stripe.refunds[provider_id]))

    def refunds_of(self, intent_id: str) -> Sequence[ProviderRefund]:
        """See the protocol."""
        refunds = self._stripe.refunds
        return self.troubles.call(lambda: list(map(read_refund, self._stripe.of(refunds, intent_id))))

    def find_dispute(self, provider_id: str) -> ProviderDispute:
        """See the protocol."""
        return self.troubles.call(lambda: read_dispute(self._stripe.disputes[provider_id]))

    def payments_since(
        self, moment: datetime, *, flow: str, after: str | None = None
    ) -> Iterator[ProviderPayment]:
        """See the protocol; like those below from the beginning, whatever the moment."""
        made = self._stripe.sessions if flow == SESSION else self._stripe.intents
        return self._listed(made, lambda thing: self._read(thing["id"]), after)

    def refunds_since(self, moment: datetime, *, after: str | None = None) -> Iterator[ProviderRefund]:
        """See the protocol."""
        return self._listed(self._stripe.refunds, read_refund, after)

    def disputes_since(self, moment: datetime, *, after: str | None = None) -> Iterator[ProviderDispute]:
        """See the protocol."""
        return self._listed(self._stripe.disputes, read_dispute, after)

    def undelivered_since(
        self, moment: datetime, *, until: datetime, after: str | None = None
    ) -> Iterator[Json]:
        """See the protocol."""
        return self._listed({event["id"]: event for event in self._stripe.untold}, lambda event: event, after)

    def _listed(
        self, things: Mapping[str, Json], read: Callable[[Json], T], after: str | None
    ) -> Iterator[T]:
        newest_first = list(things.values())[::-1]
        behind = [each["id"] for each in newest_first].index(after) + 1 if after else 0
        return self.troubles.call(lambda: iter([read(each) for each in newest_first[behind:]]))

    def _once(self, key: str, make: Callable[[], str]) -> str:
        def effect() -> str:
            if key not in self._made:
                self._made[key] = make()
            return self._made[key]

        return self.troubles.call(effect)

    def _read(self, object_id: str) -> ProviderPayment:
        if object_id in self._stripe.sessions:
            thing = dict(self._stripe.sessions[object_id])
            intent = self._stripe.intents.get(thing["payment_intent"] or "")
            thing["payment_intent"] = intent and self._with_charge(intent)
        else:
            thing = self._with_charge(self._stripe.intents[object_id])
        seen = read_object(thing)
        assert seen is not None
        return seen

    def _with_charge(self, intent: Json) -> Json:
        return intent | {"latest_charge": self._stripe.charges.get(intent["latest_charge"] or "")}
