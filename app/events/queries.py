"""Reading the log of events."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events.models import DeliveryRecord, EventRecord
from app.platform.db import Json, settled_until
from app.platform.pagination import Page, paged_log

TITLES = {
    "orders.placed": "Order received",
    "pricing.coupon_reserved": "Coupon applied",
    "pricing.coupon_released": "Coupon given back",
    "orders.cancel_requested": "Cancellation requested",
    "orders.cancelled": "Order cancelled",
    "orders.claimed": "Order added to your account",
    "orders.hold_extended": "Payment is being processed",
    "orders.paid": "Payment received",
    "orders.finalized": "Order handed to the sellers",
    "orders.packed": "Order packed",
    "orders.shipped": "Everything is on its way",
    "orders.delivered": "Order delivered",
    "fulfillment.parcel_ready": "Ready to be picked up",
    "fulfillment.parcel_shipped": "Parcel sent",
    "fulfillment.parcel_delivered": "Parcel delivered",
    "fulfillment.return_requested": "Return requested",
    "fulfillment.return_approved": "Return approved",
    "fulfillment.return_rejected": "Return rejected",
    "fulfillment.return_withdrawn": "Return withdrawn",
    "fulfillment.return_received": "Return received",
    "orders.wish_changed": "Wishes changed",
    "orders.review_opened": "Payment is being checked",
    "orders.unavailable": "Paid too late, items no longer available",
    "payments.declined": "Payment declined",
    "payments.review_decided": "Payment was checked",
    "refunds.owed": "Refund started",
    "refunds.found": "Refund started",
    "refunds.succeeded": "Money refunded",
    "refunds.failed": "Refund failed, we look after it",
    "invoicing.invoice_issued": "Invoice issued",
    "invoicing.credit_note_issued": "Credit note issued",
    "notifications.sent": "Email sent",
    "notifications.text_sent": "Text message sent",
}
"""The facts that a buyer may see, in a buyer's words. The others are for operators."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One event as it happened to a subject."""

    sequence: int
    at: datetime
    topic: str

    @property
    def title(self) -> str:
        """The fact in a buyer's words."""
        return TITLES[self.topic]


def timeline(session: Session, subject: str, *, after: int, limit: int) -> Page[Fact]:
    """What a buyer may see of the events about a subject, in their order, from beyond sequence `after`."""
    settled = settled_until(session)
    statement = (
        select(EventRecord.sequence, EventRecord.occurred_at, EventRecord.topic)
        .where(EventRecord.subject == subject, EventRecord.sequence > after, EventRecord.topic.in_(TITLES))
        .order_by(EventRecord.sequence)
        .limit(limit + 1)
    )
    facts = [Fact(*row) for row in session.execute(statement)]
    # Sequences are drawn before the commit, and not every fact about an order is written under its lock.
    return paged_log(
        facts, limit, lambda fact: [fact.sequence], settled=lambda fact: fact.at < settled, start=[after]
    )


def not_owed(session: Session, *, consumer: str, keys: Collection[str]) -> set[str]:
    """Those keys under which there is no work of this consumer, be it waiting, done or dropped.

    What was done is forgotten after a week.
    """
    known = select(DeliveryRecord.dedupe_key).where(
        DeliveryRecord.consumer == consumer, DeliveryRecord.dedupe_key.in_(keys)
    )
    return set(keys) - set(session.scalars(known))


def dropped(session: Session, delivery_id: int) -> Json | None:
    """What work was about that an operator has dropped: its event's payload. None if it is owed after all."""
    about = (
        select(EventRecord.payload)
        .join(DeliveryRecord, DeliveryRecord.event_id == EventRecord.id)
        .where(DeliveryRecord.id == delivery_id, DeliveryRecord.dropped_at.is_not(None))
    )
    return session.scalars(about).one_or_none()


def payload_of(session: Session, topic: str, subject: str) -> Json | None:
    """What the newest event of a topic about a subject tells; None without one."""
    told = select(EventRecord.payload).where(EventRecord.subject == subject, EventRecord.topic == topic)
    return session.scalars(told.order_by(EventRecord.sequence.desc()).limit(1)).one_or_none()
