"""What becomes true at the provider about a sale, step by step, and the events that tell of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app.payments.gateway.protocol import ProviderDispute, ProviderPayment, ProviderRefund
from tests.database import rows
from tests.provider import Json, refunded_charge, told_of
from tests.sales import TOTAL, Sale

Thing = ProviderPayment | ProviderRefund | ProviderDispute
MOMENT = datetime(2026, 12, 19, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """Something becomes true at the provider, and an event, or several, tell of it."""

    thing: Thing
    topic: str
    also: tuple[tuple[str, Json], ...] = ()

    @property
    def events(self) -> Sequence[tuple[str, Json]]:
        """Topic and object of each event."""
        return (self.topic, told_of(self.thing)), *self.also


def intent(sale: Sale, status: str, **values: Any) -> Step:
    """The intent is in this status."""
    return Step(sale.seen(status, **values), f"payment_intent.{status}")


def page(sale: Sale, status: str, **values: Any) -> Step:
    """The hosted page is where an intent would have this status; its intent tells of it, too."""
    seen = sale.seen(status, session_id=sale.session_id, client_secret=None, **values)
    inside = ("payment_intent.changed", told_of(replace(seen, session_id=None)))
    return Step(seen, "checkout.session.changed", (inside,))


def refunded(sale: Sale, status: str, **values: Any) -> ProviderRefund:
    """A refund of the provider's dashboard, of all that the sale's payment took unless `values` say less."""
    facts: dict[str, Any] = {
        "provider_id": f"re_{sale.payment_id.hex}",
        "status": status,
        "amount": TOTAL,
        "currency": "USD",
        "intent_id": sale.provider_id,
        "refund_id": None,
        "order_id": None,
        "failure_reason": "lost_or_stolen_card" if status == "failed" else None,
        "created_at": MOMENT,
    }
    return ProviderRefund(**facts | values)


def refund(sale: Sale, status: str, **values: Any) -> Step:
    """A refund of the dashboard's is in this status; the charge says so, too, without naming it."""
    seen = refunded(sale, status, **values)
    charge = ("charge.refunded", refunded_charge(sale.provider_id, seen.amount))
    return Step(seen, "refund.updated", (("charge.refund.updated", told_of(seen)), charge))


def disputed(sale: Sale, status: str, *, withdrawn: bool, **values: Any) -> ProviderDispute:
    """A dispute about all that the sale's payment took."""
    facts: dict[str, Any] = {
        "provider_id": f"du_{sale.payment_id.hex}",
        "status": status,
        "reason": "fraudulent",
        "amount": TOTAL,
        "currency": "USD",
        "intent_id": sale.provider_id,
        "withdrawn": withdrawn,
        "evidence_due_at": MOMENT,
        "created_at": MOMENT,
    }
    return ProviderDispute(**facts | values)


def dispute(sale: Sale, status: str, *, withdrawn: bool) -> Step:
    """The dispute is in this status."""
    return Step(disputed(sale, status, withdrawn=withdrawn), "charge.dispute.updated")


def second(sale: Sale, status: str) -> Step:
    """The intent of an order's second payment is in this status."""
    found = "SELECT id FROM payments WHERE order_id = :order_id AND id <> :id"
    ((payment_id,),) = rows(found, order_id=sale.order_id, id=sale.payment_id)
    return intent(sale, status, payment_id=payment_id, provider_id=f"pi_{payment_id.hex}")
