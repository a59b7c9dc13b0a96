"""Stock as a ledger of movements, with counters that the database itself keeps sane."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, one_of
from app.platform.ids import new_id

REASONS = ("received", "counted", "damaged", "lost", "returned", "correction")
"""Why a person changes stock; `sale` is written by orders alone."""


class StockLevel(Base):
    """Units of one variant. `on_hand` is what the shelf holds; `reserved` is promised to holders."""

    __tablename__ = "stock_levels"
    __table_args__ = (
        CheckConstraint("reserved BETWEEN 0 AND on_hand", name="reserved_within_on_hand"),
        CheckConstraint("low_stock_threshold >= 0", name="low_stock_threshold_not_negative"),
        Index("ix_stock_levels_seller_id_sku", "seller_id", "sku"),
    )

    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variants.id"), primary_key=True)
    sku: Mapped[str] = mapped_column(unique=True)
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    on_hand: Mapped[int] = mapped_column(server_default="0")
    reserved: Mapped[int] = mapped_column(server_default="0")
    low_stock_threshold: Mapped[int] = mapped_column(server_default="0")


class StockMovement(Base):
    """One change of `on_hand`. Append-only; the sum per variant equals the counter."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        UniqueConstraint("reason", "reference", "variant_id", name="uq_stock_movements_reason_reference"),
        CheckConstraint("change <> 0", name="change_not_zero"),
        CheckConstraint(one_of("reason", (*REASONS, "sale")), name="reason_known"),
        Index("ix_stock_movements_variant_id_id", "variant_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("stock_levels.variant_id"))
    change: Mapped[int]
    reason: Mapped[str]
    reference: Mapped[str]
    note: Mapped[str | None]
    actor: Mapped[str | None]
    moved_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Reservation(Base):
    """Units promised to one holder: an order, or a hold of another channel.

    `returned` units of what was sold are back on the shelf.
    """

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'committed', 'released')", name="status_known"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("returned BETWEEN 0 AND quantity", name="returned_within_quantity"),
        Index(
            "uq_reservations_live",
            "holder_id",
            "variant_id",
            unique=True,
            postgresql_where=text("status <> 'released'"),
        ),
        Index("ix_reservations_released", "holder_id", postgresql_where=text("status = 'released'")),
        Index("ix_reservations_active", "variant_id", postgresql_where=text("status = 'active'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    holder_id: Mapped[UUID]
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("stock_levels.variant_id"))
    quantity: Mapped[int]
    returned: Mapped[int] = mapped_column(server_default="0")
    status: Mapped[str] = mapped_column(server_default="active")
    reserved_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    closed_at: Mapped[datetime | None]


class StockHold(Base):
    """Units held for another channel, a point of sale, under the reference that it gave.

    Its reservations have the hold's id as their holder; `items` are what was asked for, by SKU. `expired` is
    released because nobody came back in time.
    """

    __tablename__ = "stock_holds"
    __table_args__ = (
        UniqueConstraint("client_id", "reference", name="uq_stock_holds_client_id_reference"),
        CheckConstraint("status IN ('active', 'committed', 'released', 'expired')", name="status_known"),
        CheckConstraint("(status = 'active') = (closed_at IS NULL)", name="closed_at_given"),
        Index("ix_stock_holds_due", "hold_until", postgresql_where=text("status = 'active'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.id"))
    reference: Mapped[str]
    items: Mapped[list[Any]]
    status: Mapped[str] = mapped_column(server_default="active")
    hold_until: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    closed_at: Mapped[datetime | None]
