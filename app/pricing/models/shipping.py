"""Where the shop delivers, and for how much."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.platform.db import Amount, Base, Currency
from app.platform.ids import new_id
from app.platform.money import Money

EVERYWHERE_ELSE = ""
"""The country of the place that is everywhere where no other place is."""


class ShippingZone(Base):
    """Places that are delivered to at the same rates.

    By the `is_default` zone carts are estimated until it is known where they go.
    """

    __tablename__ = "shipping_zones"
    __table_args__ = (
        Index("uq_shipping_zones_default", "is_default", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    is_default: Mapped[bool] = mapped_column(server_default="false")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

    places: Mapped[list["ShippingPlace"]] = relationship(
        lazy="raise", order_by="ShippingPlace.id", cascade="all, delete-orphan"
    )
    rates: Mapped[list["ShippingRate"]] = relationship(
        lazy="raise", order_by="ShippingRate.code, ShippingRate.currency", cascade="all, delete-orphan"
    )


class ShippingPlace(Base):
    """A country, one of its regions, or where postal codes begin alike; each is in one zone.

    What is empty is not asked for. Regions and prefixes are in capital letters, prefixes without
    spaces and dashes.
    """

    __tablename__ = "shipping_places"
    __table_args__ = (
        UniqueConstraint("country", "region", "postal_prefix", name="uq_shipping_places_place"),
        Index("ix_shipping_places_zone_id", "zone_id"),
        CheckConstraint("region = '' OR postal_prefix = ''", name="region_or_prefix"),
        CheckConstraint("country <> '' OR (region = '' AND postal_prefix = '')", name="in_a_country"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    zone_id: Mapped[UUID] = mapped_column(ForeignKey("shipping_zones.id", ondelete="CASCADE"))
    country: Mapped[str]
    region: Mapped[str] = mapped_column(server_default="")
    postal_prefix: Mapped[str] = mapped_column(server_default="")


class ShippingRate(Base):
    """What a way to deliver costs in a zone, in one currency, and how many working days it takes.

    Either `amount` for all weights, or `tiers`: by ascending `up_to_grams` the `amount` up to and including
    that weight; what weighs more than the last is not delivered so, unless that is null. Items of
    `free_from_amount` together are delivered for nothing.
    """

    __tablename__ = "shipping_rates"
    __table_args__ = (
        UniqueConstraint("zone_id", "code", "currency", name="uq_shipping_rates_zone_id_code_currency"),
        CheckConstraint("num_nonnulls(amount, tiers) = 1", name="one_way_to_reckon"),
        CheckConstraint("amount >= 0 AND free_from_amount >= 0", name="amounts_not_negative"),
        CheckConstraint("fewest_days BETWEEN 0 AND most_days", name="days_in_order"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    zone_id: Mapped[UUID] = mapped_column(ForeignKey("shipping_zones.id", ondelete="CASCADE"))
    code: Mapped[str]
    name: Mapped[str]
    currency: Mapped[Currency]
    amount: Mapped[Amount | None]
    tiers: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    free_from_amount: Mapped[Amount | None]
    fewest_days: Mapped[int]
    most_days: Mapped[int]
    is_active: Mapped[bool] = mapped_column(server_default="true")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

    @property
    def price(self) -> Money | None:
        """The price for all weights."""
        return None if self.amount is None else Money(self.amount, self.currency)
