"""Payments, refunds, and the inbox of the provider's events."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.payments.states import (
    DISPUTE_STATES,
    LIVE,
    MANUAL,
    MOVES,
    REFUND_MOVES,
    REFUND_SOURCES,
    REVIEW_CONCERNS,
    REVIEW_DECISIONS,
    UNANSWERED,
)
from app.platform.db import Amount, Base, Currency, Json, one_of
from app.platform.ids import new_id
from app.platform.money import Money

INBOX_STATES = ("received", "applied", "unchanged", "ignored", "unmatched")

STILL_TOLD = text("payload <> '{}'::jsonb")
"""Of an event: what it said is here."""
IS_SENT = text(f"{one_of('status', LIVE)} AND waits_for_id IS NULL")
IS_WAITING = text(f"{one_of('status', LIVE)} AND waits_for_id IS NOT NULL")


class Payment(Base):
    """One attempt to get an order's money. The row, with key and exact parameters, is there first.

    `provider_id` is the provider's intent, which takes the money; `session_id` its hosted page, which makes
    the intent when the buyer begins to pay. One that `waits_for_id` is not opened before that one is closed.
    `captured_amount` was taken, `refunded_amount` of it goes back or went: the sum of its refunds that have
    not failed. While its end is open, the provider is asked about it: `asks` times so far, again from
    `ask_after` on.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint(one_of("status", tuple(MOVES)), name="status_known"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("(status = 'succeeded') = (succeeded_at IS NOT NULL)", name="succeeded_at_given"),
        CheckConstraint("refunded_amount BETWEEN 0 AND captured_amount", name="refunded_within_captured"),
        Index("uq_payments_live", "order_id", unique=True, postgresql_where=IS_SENT),
        Index("uq_payments_waiting", "order_id", unique=True, postgresql_where=IS_WAITING),
        Index("ix_payments_order_id", "order_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    provider: Mapped[str]
    flow: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="creating")
    amount: Mapped[Amount]
    currency: Mapped[Currency]
    captured_amount: Mapped[Amount] = mapped_column(server_default="0")
    refunded_amount: Mapped[Amount] = mapped_column(server_default="0")
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    parameters: Mapped[Json]
    provider_id: Mapped[str | None] = mapped_column(unique=True)
    session_id: Mapped[str | None] = mapped_column(unique=True)
    waits_for_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"))
    client_secret: Mapped[str | None]
    redirect_url: Mapped[str | None]
    method_kind: Mapped[str | None]
    method_brand: Mapped[str | None]
    method_last4: Mapped[str | None]
    last_error: Mapped[Json | None]
    sent_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    asks: Mapped[int] = mapped_column(server_default="0")
    ask_after: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @property
    def object_id(self) -> str | None:
        """What the provider is asked about, once it has made something."""
        return self.session_id or self.provider_id

    @property
    def money(self) -> Money:
        """What is to be paid."""
        return Money(self.amount, self.currency)

    @property
    def instructions(self) -> dict[str, object] | None:
        """What somebody who pays by a transfer must know, while it is waited for."""
        told = self.parameters
        if self.provider != MANUAL or self.status not in LIVE or "pay_until" not in told:
            return None
        pay_until = datetime.fromtimestamp(told["pay_until"], UTC)
        return {"reference": told["reference"], "account": told["account"], "pay_until": pay_until}

    @property
    def method(self) -> dict[str, str | None] | None:
        """What it was paid with, once that is known."""
        if self.method_kind is None:
            return None
        return {"kind": self.method_kind, "brand": self.method_brand, "last4": self.method_last4}


class Refund(Base):
    """Money that goes back. Owed from the moment that the row stands.

    `source` tells ours from those made in the provider's dashboard. `intent_id` is the provider's object that
    took the money, where that is not the payment's own. `reason` is a word, `note` is for operators. At most
    one takes the place of one that has failed, which is its `retry_of_id`. `shipping_amount` of it is
    for what sending the order had cost.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint(one_of("status", tuple(REFUND_MOVES)), name="status_known"),
        CheckConstraint(one_of("source", REFUND_SOURCES), name="source_known"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("shipping_amount BETWEEN 0 AND amount", name="shipping_within_amount"),
        Index("ix_refunds_order_id", "order_id"),
        Index("ix_refunds_payment_id", "payment_id"),
        Index("ix_refunds_created_at_id", "created_at", "id"),
        Index("ix_refunds_unanswered", "created_at", postgresql_where=text(one_of("status", UNANSWERED))),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    status: Mapped[str] = mapped_column(server_default="owed")
    source: Mapped[str] = mapped_column(server_default="shop")
    amount: Mapped[Amount]
    shipping_amount: Mapped[Amount] = mapped_column(server_default="0")
    currency: Mapped[Currency]
    reason: Mapped[str]
    note: Mapped[str | None]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    intent_id: Mapped[str | None]
    provider_id: Mapped[str | None] = mapped_column(unique=True)
    retry_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds.id"), unique=True)
    failure_reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    asks: Mapped[int] = mapped_column(server_default="0")
    ask_after: Mapped[datetime | None]
    lines: Mapped[list["RefundLine"]] = relationship(lazy="selectin", order_by="RefundLine.order_line_id")

    @property
    def money(self) -> Money:
        """What goes back."""
        return Money(self.amount, self.currency)

    @property
    def shipping_money(self) -> Money:
        """What of it is for what sending had cost."""
        return Money(self.shipping_amount, self.currency)


class RefundLine(Base):
    """Units of an order's line that a refund is for, and whether they go back to the shelf.

    Those that `came_back` were sent before: nothing is withheld from packing for them. `amount` is what was
    charged for them; it is not known of refunds of earlier releases.
    """

    __tablename__ = "refund_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        Index("ix_refund_lines_order_line_id", "order_line_id"),
    )

    refund_id: Mapped[UUID] = mapped_column(ForeignKey("refunds.id"), primary_key=True)
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_lines.id"), primary_key=True)
    quantity: Mapped[int]
    restock: Mapped[bool]
    came_back: Mapped[bool] = mapped_column(server_default="false")
    amount: Mapped[Amount | None]

    @property
    def line_id(self) -> UUID:
        """The order's line."""
        return self.order_line_id


class Dispute(Base):
    """A charge that the buyer's bank takes back, unless the shop wins. `withdrawn`: the money is gone now."""

    __tablename__ = "disputes"
    __table_args__ = (
        CheckConstraint(one_of("status", DISPUTE_STATES), name="status_known"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed_at_given"),
        Index("ix_disputes_order_id", "order_id"),
        Index("ix_disputes_payment_id", "payment_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    provider_id: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str]
    reason: Mapped[str]
    amount: Mapped[Amount]
    currency: Mapped[Currency]
    withdrawn: Mapped[bool] = mapped_column(server_default="false")
    evidence_due_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    @property
    def money(self) -> Money:
        """What is asked back."""
        return Money(self.amount, self.currency)


class PaymentReview(Base):
    """An object of the provider's that does not fit its payment, until somebody has decided about it.

    `object_id` is what the provider is asked about, `intent_id` what takes the money, `amount` what it had
    taken, or would, when it was seen. One that `concerns` a refund is only to be noted. `lapsed_at`: nobody
    has decided in time. A decision `ended` is nobody's: the object can take no money any more.
    """

    __tablename__ = "payment_reviews"
    __table_args__ = (
        CheckConstraint(one_of("concerns", REVIEW_CONCERNS), name="concerns_known"),
        CheckConstraint(one_of("decision", REVIEW_DECISIONS), name="decision_known"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_at_given"),
        UniqueConstraint("payment_id", "object_id", name="uq_payment_reviews_payment_id_object_id"),
        Index("ix_payment_reviews_order_id", "order_id"),
        Index("ix_payment_reviews_opened_at_id", "opened_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    concerns: Mapped[str]
    object_id: Mapped[str]
    intent_id: Mapped[str | None]
    reason: Mapped[str]
    amount: Mapped[Amount]
    currency: Mapped[Currency]
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    lapsed_at: Mapped[datetime | None]
    decision: Mapped[str | None]
    note: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]

    @property
    def money(self) -> Money:
        """What it had taken, or would take, when it was seen."""
        return Money(self.amount, self.currency)


class ProviderEvent(Base):
    """One signed event, less what the shop does not need. `id` is the provider's: a doubled one is one row.

    The `payload` of an old one is empty.
    `payment_id` is ours that it is about, as far as that was known when it came, or was processed last.
    """

    __tablename__ = "provider_events"
    __table_args__ = (
        CheckConstraint(one_of("status", INBOX_STATES), name="status_known"),
        Index("ix_provider_events_received_at_id", "received_at", "id"),
        Index("ix_provider_events_payment_id", "payment_id"),
        Index("ix_provider_events_told", "received_at", postgresql_where=STILL_TOLD),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    object_id: Mapped[str | None]
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"))
    api_version: Mapped[str | None]
    payload: Mapped[Json]
    status: Mapped[str] = mapped_column(server_default="received")
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    processed_at: Mapped[datetime | None]
