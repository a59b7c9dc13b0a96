"""Business in numbers: what was published is counted once its transaction has committed."""

from functools import singledispatch

from prometheus_client import Counter
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.events.events import Event
from app.events.services import take_facts
from app.notifications.events import MessageRefused, MessageSent, TextSent
from app.orders.events import OrderCancelled, OrderPaid, OrderPlaced, OrderUnavailable, ReviewOpened
from app.payments.events import (
    DisputeLost,
    DisputeOpened,
    DisputeWon,
    PaymentDeclined,
    PaymentSucceeded,
    RefundOwed,
)
from app.platform.db import SessionFactory
from app.platform.logging import get_logger
from app.settlement.events import DifferenceFound
from app.webhooks.events import EndpointDisabled

log = get_logger("app.ops")

PLACED = Counter("backroom_orders_placed", "Orders placed", ["currency"])
PAID = Counter("backroom_orders_paid", "Orders paid", ["late"])
CANCELLED = Counter("backroom_orders_cancelled", "Orders that were cancelled", ["reason"])
REVIEWS = Counter("backroom_payment_reviews", "Payments that an admin must decide about", ["reason"])
DECLINED = Counter("backroom_payments_declined", "Attempts to pay that failed", ["code"])
REVENUE = Counter("backroom_revenue_minor_units", "Money taken", ["currency"])
REFUNDS = Counter("backroom_refunds_owed", "Refunds that we owe", ["reason"])
REFUNDS_AMOUNT = Counter("backroom_refunds_owed_minor_units", "Money that we owe", ["currency"])
DISPUTES = Counter("backroom_disputes", "Payments that a bank asked back", ["outcome"])
FINDINGS = Counter(
    "backroom_reconciliation_findings", "Objects of Stripe's that did not fit our books", ["kind", "book"]
)
ENDPOINTS = Counter(
    "backroom_webhook_endpoints_disabled", "Endpoints that failed, or whose owner is gone", ["reason"]
)
MAILS = Counter("backroom_mails", "Mails and text messages that were sent or given up", ["kind", "outcome"])


@singledispatch
def count(_: Event) -> None:
    """Count a fact; most say nothing about business."""


@count.register
def _placed(fact: OrderPlaced) -> None:
    PLACED.labels(fact.currency).inc()


@count.register
def _paid(fact: OrderPaid) -> None:
    PAID.labels(str(fact.late).lower()).inc()


@count.register
def _cancelled(fact: OrderCancelled) -> None:
    CANCELLED.labels(fact.reason).inc()


@count.register
def _unavailable(_: OrderUnavailable) -> None:
    CANCELLED.labels("unavailable").inc()


@count.register
def _review(fact: ReviewOpened) -> None:
    REVIEWS.labels(fact.reason).inc()


@count.register
def _declined(fact: PaymentDeclined) -> None:
    DECLINED.labels(fact.code).inc()


@count.register
def _succeeded(fact: PaymentSucceeded) -> None:
    REVENUE.labels(fact.currency).inc(fact.amount)


@count.register
def _owed(fact: RefundOwed) -> None:
    REFUNDS.labels(fact.reason).inc()
    REFUNDS_AMOUNT.labels(fact.currency).inc(fact.amount)


@count.register
def _disputed(_: DisputeOpened) -> None:
    DISPUTES.labels("opened").inc()


@count.register
def _won(_: DisputeWon) -> None:
    DISPUTES.labels("won").inc()


@count.register
def _lost(_: DisputeLost) -> None:
    DISPUTES.labels("lost").inc()


@count.register
def _sent(fact: MessageSent | TextSent) -> None:
    MAILS.labels(fact.kind, "sent").inc()


@count.register
def _refused(fact: MessageRefused) -> None:
    MAILS.labels(fact.kind, "refused").inc()


@count.register
def _disabled(fact: EndpointDisabled) -> None:
    ENDPOINTS.labels(fact.reason).inc()


@count.register
def _found(fact: DifferenceFound) -> None:
    FINDINGS.labels(fact.kind, fact.book).inc()


def start() -> None:
    """Count from now on what this process commits. Again changes nothing."""
    if not event.contains(SessionFactory, "after_commit", _count_committed):
        event.listen(SessionFactory, "after_commit", _count_committed)


def _count_committed(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint: what it did may still be rolled back
        return
    for fact in take_facts(session):
        _count_quietly(fact)


def _count_quietly(fact: Event) -> None:
    try:
        count(fact)
    except Exception as error:  # the commit is done: a full disk must not make it look undone
        log.warning("fact_not_counted", topic=fact.topic, reason=type(error).__name__)
