"""What users have saved at the provider, as far as the shop knows it: never a card's number."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.platform.db import Base
from app.platform.ids import new_id


class ProviderCustomer(Base):
    """A user as the provider knows them. The row is there first; `provider_id` once the provider has made it.

    Our copy of the methods saved there is as of `seen_at`. While one that is being saved may come, the
    provider is asked: `asks` times so far, again from `ask_after` on.
    """

    __tablename__ = "provider_customers"
    __table_args__ = (
        Index("ix_provider_customers_ask_after", "ask_after", postgresql_where=text("ask_after IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), unique=True)
    provider_id: Mapped[str | None] = mapped_column(unique=True)
    seen_at: Mapped[datetime | None]
    asks: Mapped[int] = mapped_column(server_default="0")
    ask_after: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SavedMethod(Base):
    """A payment method that a user has saved at the provider; at most one is the default.

    One that its owner has removed stays, unseen, until the provider's list lacks it.
    """

    __tablename__ = "saved_methods"
    __table_args__ = (
        CheckConstraint("NOT is_default OR removed_at IS NULL", name="removed_no_default"),
        Index("ix_saved_methods_customer_id", "customer_id"),
        Index("uq_saved_methods_default", "customer_id", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("provider_customers.id", ondelete="CASCADE"))
    provider_id: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    brand: Mapped[str | None]
    last4: Mapped[str | None]
    exp_month: Mapped[int | None] = mapped_column()  # spelt out for `expired`
    exp_year: Mapped[int | None] = mapped_column()
    is_default: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[datetime] = mapped_column(server_default=func.now())
    removed_at: Mapped[datetime | None]
    expired: Mapped[bool] = column_property(
        func.coalesce(
            func.make_date(exp_year, exp_month, 1) < func.date_trunc("month", func.now()), text("false")
        )
    )
    """A card is good until its month is over."""
