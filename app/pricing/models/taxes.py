"""Where which tax is asked for."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.platform.db import Base
from app.platform.ids import new_id

STANDARD = "standard"
"""The category of what has no other, whose rate counts for every category that a zone has no rate for."""


class TaxZone(Base):
    """A country, or one of its regions, and how prices are meant there: with its tax or without it.

    `region` is empty for the whole country. By the `is_default` zone carts are estimated until it is known
    where they go. Shipping is taxed at the rate of `shipping_category`, or not at all without one. Buyers
    who give their tax number pay no tax where `exempts_tax_numbers` says so.
    """

    __tablename__ = "tax_zones"
    __table_args__ = (
        UniqueConstraint("country", "region", name="uq_tax_zones_country_region"),
        Index("uq_tax_zones_default", "is_default", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    country: Mapped[str] = mapped_column(CHAR(2))
    region: Mapped[str] = mapped_column(server_default="")
    is_default: Mapped[bool] = mapped_column(server_default="false")
    prices_include_tax: Mapped[bool] = mapped_column(server_default="false")
    shipping_category: Mapped[str | None]
    exempts_tax_numbers: Mapped[bool] = mapped_column(server_default="false")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

    rates: Mapped[list["TaxRate"]] = relationship(
        lazy="raise", order_by="TaxRate.category", cascade="all, delete-orphan"
    )


class TaxRate(Base):
    """What a zone asks for goods of a category, in ten-thousandths: 800 is 8 percent, 887.5 is 8.875."""

    __tablename__ = "tax_rates"
    __table_args__ = (CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points_possible"),)

    zone_id: Mapped[UUID] = mapped_column(ForeignKey("tax_zones.id", ondelete="CASCADE"), primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    basis_points: Mapped[Decimal] = mapped_column(Numeric(8, 3))
