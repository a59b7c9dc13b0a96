"""What a seller has to send for an order, and what comes back of it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.fulfillment.states import MOVES, RETURN_MOVES, RETURN_REASONS
from app.platform.db import Base, one_of
from app.platform.ids import new_id


class Fulfillment(Base):
    """A parcel: one seller's part of an order, or a part of that; `parcel` counts that seller's from 1.

    While it is open nothing is in it. Since `ready_at` it waits in the store where its buyer picks it up.
    Every change of one happens under its order's lock.
    """

    __tablename__ = "fulfillments"
    __table_args__ = (
        UniqueConstraint("order_id", "seller_id", "parcel", name="uq_fulfillments_order_id_seller_id_parcel"),
        CheckConstraint(one_of("status", tuple(MOVES)), name="status_known"),
        CheckConstraint("status <> 'packed' OR packed_at IS NOT NULL", name="packed_at_given"),
        CheckConstraint(
            "status NOT IN ('shipped', 'delivered') OR coalesce(shipped_at, ready_at) IS NOT NULL",
            name="shipped_at_given",
        ),
        CheckConstraint("(status = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_at_given"),
        Index("ix_fulfillments_seller_id_id", "seller_id", "id"),
        Index("ix_fulfillments_status_id", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    parcel: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="pending")
    carrier: Mapped[str | None]
    tracking_number: Mapped[str | None]
    tracking_url: Mapped[str | None]
    estimated_delivery: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    processing_at: Mapped[datetime | None]
    packed_at: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]

    contents: Mapped[list["ParcelLine"]] = relationship(
        lazy="raise", order_by="ParcelLine.order_line_id", cascade="save-update, merge, delete-orphan, delete"
    )


class ParcelLine(Base):
    """Units of an order's line that lie in a parcel."""

    __tablename__ = "parcel_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index("ix_parcel_lines_order_line_id", "order_line_id"),
    )

    parcel_id: Mapped[UUID] = mapped_column(ForeignKey("fulfillments.id"), primary_key=True)
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_lines.id"), primary_key=True)
    quantity: Mapped[int]


class Return(Base):
    """Units of one seller's lines of an order that its buyer has, and does not want.

    Every change of one happens under its order's lock. `comment` is the buyer's, `note` the answer of who
    decided; `refund_id` is of the money for what was received, where some went back.
    """

    __tablename__ = "returns"
    __table_args__ = (
        CheckConstraint(one_of("status", tuple(RETURN_MOVES)), name="status_known"),
        CheckConstraint("(status = 'rejected') = (rejected_at IS NOT NULL)", name="rejected_at_given"),
        CheckConstraint("(status = 'received') = (received_at IS NOT NULL)", name="received_at_given"),
        CheckConstraint("(status = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at_given"),
        CheckConstraint("refund_id IS NULL OR status = 'received'", name="refund_of_what_came"),
        Index("ix_returns_order_id", "order_id"),
        Index("ix_returns_seller_id_id", "seller_id", "id"),
        Index("ix_returns_status_id", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    status: Mapped[str] = mapped_column(server_default="requested")
    comment: Mapped[str | None]
    note: Mapped[str | None]
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds.id"), unique=True)
    requested_at: Mapped[datetime] = mapped_column(server_default=func.now())
    approved_at: Mapped[datetime | None]
    rejected_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    lines: Mapped[list["ReturnLine"]] = relationship(lazy="selectin", order_by="ReturnLine.order_line_id")


class ReturnLine(Base):
    """Units of an order's line that are to come back; `received` of them have, to the shelf if `restock`."""

    __tablename__ = "return_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("received BETWEEN 0 AND quantity", name="received_within_quantity"),
        CheckConstraint(one_of("reason", RETURN_REASONS), name="reason_known"),
        Index("ix_return_lines_order_line_id", "order_line_id"),
    )

    return_id: Mapped[UUID] = mapped_column(ForeignKey("returns.id"), primary_key=True)
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_lines.id"), primary_key=True)
    quantity: Mapped[int]
    reason: Mapped[str]
    received: Mapped[int] = mapped_column(server_default="0")
    restock: Mapped[bool] = mapped_column(server_default="false")
