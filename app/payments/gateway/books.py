"""Stripe's lists, for comparing: newest first, a page at a time, from an object on that was seen before."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from app.payments.gateway.calling import StripePart, ask
from app.payments.gateway.protocol import SESSION, Event, ProviderDispute, ProviderPayment, ProviderRefund
from app.payments.gateway.reading import read_dispute, read_object, read_refund

PAGE = 100
"""The most that Stripe gives at once."""
ABOUT_MONEY = [
    "payment_intent.processing",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
    "payment_intent.canceled",
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
    "refund.created",
    "refund.updated",
    "refund.failed",
]
"""The events that change our books. Stripe's list takes twenty types at most."""


class StripeBooks(StripePart):
    """Lists of PaymentIntents, Checkout Sessions, Refunds, Disputes and Events."""

    def payments_since(
        self, moment: datetime, *, flow: str, after: str | None = None
    ) -> Iterator[ProviderPayment]:
        """See the protocol. What an intent was paid with is not told; a session comes with its intent."""
        lists: Any = self._v1.checkout.sessions if flow == SESSION else self._v1.payment_intents
        whole = {"expand": ["data.payment_intent"]} if flow == SESSION else {}
        wanted = window(moment, after=after) | whole
        for found in each_of(lists.list, wanted):
            if (seen := read_object(found.to_dict())) is not None:
                yield seen

    def refunds_since(self, moment: datetime, *, after: str | None = None) -> Iterator[ProviderRefund]:
        """See the protocol."""
        for found in each_of(self._v1.refunds.list, window(moment, after=after)):
            yield read_refund(found.to_dict())

    def disputes_since(self, moment: datetime, *, after: str | None = None) -> Iterator[ProviderDispute]:
        """See the protocol."""
        for found in each_of(self._v1.disputes.list, window(moment, after=after)):
            yield read_dispute(found.to_dict())

    def undelivered_since(
        self, moment: datetime, *, until: datetime, after: str | None = None
    ) -> Iterator[Event]:
        """See the protocol. Stripe keeps events for 30 days."""
        wanted = window(moment, until=until, after=after) | {"delivery_success": False, "types": ABOUT_MONEY}
        for found in each_of(self._v1.events.list, wanted):
            yield found.to_dict()


def window(moment: datetime, *, until: datetime | None = None, after: str | None = None) -> dict[str, Any]:
    """What a list is asked for: what was made from a moment on, and before `until`, behind an object."""
    created = {"gte": int(moment.timestamp())} | ({"lt": int(until.timestamp())} if until else {})
    return {"created": created, "limit": PAGE} | ({"starting_after": after} if after else {})


def each_of(listed: Callable[..., Any], wanted: dict[str, Any]) -> Iterator[Any]:
    """What a list has, newest first, each page asked for when it is needed."""
    page = ask(lambda: listed(wanted))
    objects = iter(page.auto_paging_iter())
    while (found := ask(lambda: next(objects, None))) is not None:
        yield found
