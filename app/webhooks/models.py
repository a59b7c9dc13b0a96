"""Endpoints of third parties, what is owed to them, and what other services told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, Json, one_of
from app.platform.ids import new_id
from app.webhooks.states import DISABLED_REASONS, ENDPOINT_STATES, MESSAGE_STATES


class WebhookEndpoint(Base):
    """Where a third party listens, and to which types of events.

    It is the shop's own, a third party's (`client_id`, of its API key) or a seller's. It hears what lies in
    the log behind `after_xid` and `after_sequence`. While `paused_until` lies ahead nothing is sent;
    `failures` are those in a row.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        CheckConstraint(one_of("status", ENDPOINT_STATES), name="status_known"),
        CheckConstraint(one_of("disabled_reason", DISABLED_REASONS), name="disabled_reason_known"),
        CheckConstraint("(status = 'enabled') = (disabled_reason IS NULL)", name="disabled_reason_given"),
        CheckConstraint("cardinality(types) > 0", name="types_given"),
        Index("ix_webhook_endpoints_enabled", "id", postgresql_where=text("status = 'enabled'")),
        Index("ix_webhook_endpoints_created_at_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_keys.id"))
    seller_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    notified_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    url: Mapped[str]
    description: Mapped[str | None]
    types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    status: Mapped[str] = mapped_column(server_default="enabled")
    disabled_reason: Mapped[str | None]
    after_xid: Mapped[int] = mapped_column(BigInteger)
    after_sequence: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(server_default="0")
    failing_since: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class WebhookSecret(Base):
    """What an endpoint's messages are signed with: made of this row by the key that `made_by` names.

    Several sign at once while one is being replaced: until `expires_at`.
    """

    __tablename__ = "webhook_secrets"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    endpoint_id: Mapped[UUID] = mapped_column(
        ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), index=True
    )
    made_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]


class WebhookMessage(Base):
    """One event for one endpoint. Of one subject only the first that waits is sent, by `sequence`.

    `round` counts how often it was owed anew; `tries` and `owed_at` are of the present round.
    """

    __tablename__ = "webhook_messages"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id", name="uq_webhook_messages_endpoint_id_event_id"),
        CheckConstraint(one_of("status", MESSAGE_STATES), name="status_known"),
        CheckConstraint("(status = 'waiting') = (ended_at IS NULL)", name="ended_at_given"),
        Index(
            "ix_webhook_messages_waiting",
            "endpoint_id",
            "subject",
            "sequence",
            postgresql_where=text("status = 'waiting'"),
        ),
        Index("ix_webhook_messages_endpoint_id_sequence", "endpoint_id", "sequence"),
        Index("ix_webhook_messages_ended_at", "ended_at", postgresql_where=text("status <> 'waiting'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    event_id: Mapped[UUID]
    sequence: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str]
    subject: Mapped[str]
    data: Mapped[Json]
    occurred_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(server_default="waiting")
    round: Mapped[int] = mapped_column(server_default="0")
    tries: Mapped[int] = mapped_column(server_default="0")
    owed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    next_try_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]


class WebhookAttempt(Base):
    """One call. Without `milliseconds` it is under way, or whoever made it will never tell.

    `status_code` is the receiver's, if it answered; `error` says in a word why it is no success, `excerpt` is
    how the answer begins.
    """

    __tablename__ = "webhook_attempts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    message_id: Mapped[UUID] = mapped_column(
        ForeignKey("webhook_messages.id", ondelete="CASCADE"), index=True
    )
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    milliseconds: Mapped[int | None]
    status_code: Mapped[int | None]
    error: Mapped[str | None]
    excerpt: Mapped[str | None]


class WebhookFeed(Base):
    """How far the log of events was read for webhooks: one row."""

    __tablename__ = "webhook_feed"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    xid: Mapped[int] = mapped_column(BigInteger)
    sequence: Mapped[int] = mapped_column(BigInteger)


class ServiceNotice(Base):
    """What another service told under an id of its own, once."""

    __tablename__ = "service_notices"
    __table_args__ = (
        UniqueConstraint("client_id", "reference", name="uq_service_notices_client_id_reference"),
        Index("ix_service_notices_created_at", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.id"))
    reference: Mapped[str]
    type: Mapped[str]
    data: Mapped[Json]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
