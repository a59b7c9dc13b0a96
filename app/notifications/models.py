"""The ledger of messages: one row per thing that somebody is told, however often it takes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.notifications.states import (
    BOUNCES,
    CHANNELS,
    KINDS,
    MOVES,
    PARCEL_KINDS,
    RETURN_KINDS,
    STOCK_KINDS,
    TEXT_KINDS,
)
from app.platform.db import Base, one_of
from app.platform.ids import new_id


class Message(Base):
    """One mail or text message. `message_id` is its Message-ID, the same at every attempt.

    It is about an order, or about something of a user's account: `about` is the id of that.
    """

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind_known"),
        CheckConstraint(one_of("channel", CHANNELS), name="channel_known"),
        CheckConstraint(f"(channel = 'sms') = ({one_of('kind', TEXT_KINDS)})", name="texts_by_sms"),
        CheckConstraint(one_of("status", tuple(MOVES)), name="status_known"),
        CheckConstraint("(kind = 'order_refunded') = (refund_id IS NOT NULL)", name="refund_given"),
        CheckConstraint(f"({one_of('kind', PARCEL_KINDS)}) = (parcel_id IS NOT NULL)", name="parcel_given"),
        CheckConstraint(f"({one_of('kind', RETURN_KINDS)}) = (return_id IS NOT NULL)", name="return_given"),
        CheckConstraint(
            "(order_id IS NULL) = (about IS NOT NULL) AND (user_id IS NULL) = (about IS NULL)",
            name="subject_given",
        ),
        CheckConstraint("status <> 'sending' OR started_at IS NOT NULL", name="started_at_given"),
        CheckConstraint("status <> 'sent' OR sent_at IS NOT NULL", name="sent_at_given"),
        Index("ix_messages_created_at_id", "created_at", "id"),
        Index("ix_messages_order_id", "order_id"),
        Index("ix_messages_user_id", "user_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds.id"))
    parcel_id: Mapped[UUID | None] = mapped_column(ForeignKey("fulfillments.id"))
    return_id: Mapped[UUID | None] = mapped_column(ForeignKey("returns.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    about: Mapped[UUID | None]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str] = mapped_column(server_default="email")
    recipient: Mapped[str]
    locale: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(server_default="queued")
    attempts: Mapped[int] = mapped_column(server_default="0")
    started_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    provider_answer: Mapped[str | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class StockNotice(Base):
    """Somebody is told, or waits to be told, that a variant is low or back; the mail is about this row.

    Who waits has `told_at` empty: at most once for each variant.
    """

    __tablename__ = "stock_notices"
    __table_args__ = (
        CheckConstraint(one_of("kind", STOCK_KINDS), name="kind_known"),
        CheckConstraint("kind = 'back_in_stock' OR told_at IS NOT NULL", name="told_at_once"),
        Index(
            "uq_stock_notices_waiting",
            "variant_id",
            "user_id",
            unique=True,
            postgresql_where=text("told_at IS NULL"),
        ),
        Index("ix_stock_notices_user_id", "user_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variants.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    told_at: Mapped[datetime | None]


class UndeliverableAddress(Base):
    """An address, in lower case, that nothing more is sent to until an operator lifts that, which deletes it.

    `client_id` is of the API key that told so, `reason` what the mail server said, without addresses.
    """

    __tablename__ = "undeliverable_addresses"
    __table_args__ = (
        CheckConstraint(one_of("kind", BOUNCES), name="kind_known"),
        Index("ix_undeliverable_addresses_noted_at_id", "noted_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    reason: Mapped[str | None]
    client_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.id"))
    noted_at: Mapped[datetime] = mapped_column(server_default=func.now())
