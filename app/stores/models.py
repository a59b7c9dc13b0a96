"""The shop's own stores."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Double, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from app.platform.db import Base, Json
from app.platform.ids import new_id

PLACE = (
    "cube(ARRAY[cos(radians(latitude)) * cos(radians(longitude)),"
    " cos(radians(latitude)) * sin(radians(longitude)), sin(radians(latitude))])"
)
"""Where a latitude and a longitude are on a globe of radius 1, in SQL."""


class Cube(UserDefinedType[Any]):
    """A point in space, of PostgreSQL's extension `cube`. It is only compared, never read."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """What PostgreSQL calls it."""
        return "cube"


class Store(Base):
    """A store of the shop: where it is, when it is open, and whether orders are picked up there.

    `address` is a postal one without a name, `hours` are the intervals of each day of the week, by the
    store's own clock. One that is not active is shown to nobody.
    """

    __tablename__ = "stores"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_on_earth"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_on_earth"),
        Index("ix_stores_name_id", "name", "id"),
        # Straight lines through the globe grow with the ways on it, and the index walks along them.
        Index("ix_stores_place", "place", postgresql_using="gist", postgresql_where=text("is_active")),
        Index(
            "ix_stores_place_pickup",
            "place",
            postgresql_using="gist",
            postgresql_where=text("is_active AND offers_pickup"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    address: Mapped[Json]
    latitude: Mapped[float] = mapped_column(Double)
    longitude: Mapped[float] = mapped_column(Double)
    place: Mapped[Any] = mapped_column(Cube, Computed(PLACE, persisted=True), deferred=True)
    phone: Mapped[str | None]
    email: Mapped[str | None]
    hours: Mapped[Json]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    offers_pickup: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
