"""What a seller has to send for an order."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base
from app.platform.ids import new_id


class Fulfillment(Base):
    """One seller's part of an order; `parcel` counts that seller's parcels from 1."""

    __tablename__ = "fulfillments"
    __table_args__ = (
        UniqueConstraint("order_id", "seller_id", "parcel", name="uq_fulfillments_order_id_seller_id_parcel"),
        CheckConstraint(
            "status IN ('pending', 'processing', 'packed', 'shipped', 'delivered', 'cancelled')",
            name="status_known",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    parcel: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="pending")
    carrier: Mapped[str | None]
    tracking_number: Mapped[str | None]
    tracking_url: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
