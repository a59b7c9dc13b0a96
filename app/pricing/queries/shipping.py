"""Reading shipping rates."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    FromClause,
    Label,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session, selectinload

from app.platform.db import table_of
from app.platform.errors import NotFound
from app.platform.pagination import Page, paged
from app.pricing.models import EVERYWHERE_ELSE, ShippingPlace, ShippingRate, ShippingZone

PLACE = ("country", "region", "postal_prefix")
RATE = ("code", "name", "currency", "amount", "tiers", "free_from_amount", "fewest_days", "most_days")


def shipping_zones_in_country() -> Label[Any]:
    """The zones with a place in the parameter `country`, or everywhere else, and the default one.

    Each with those places and its rates; null if there are no zones at all.
    """
    zones, places, rates = map(table_of, (ShippingZone, ShippingPlace, ShippingRate))
    country = bindparam("country", type_=places.c.country.type)
    there = and_(places.c.zone_id == zones.c.id, places.c.country.in_((country, EVERYWHERE_ELSE)))
    active = and_(rates.c.zone_id == zones.c.id, rates.c.is_active)
    zone = func.jsonb_build_object(
        literal_column("'is_default'"),
        zones.c.is_default,
        literal_column("'places'"),
        _all(places, PLACE).where(there).scalar_subquery(),
        literal_column("'rates'"),
        _all(rates, RATE).where(active).scalar_subquery(),
    )
    wanted = or_(zones.c.is_default, exists(select(1).select_from(places).where(there)))
    found = select(func.coalesce(func.jsonb_agg(zone), literal_column("'[]'::jsonb"))).where(wanted)
    return case((exists(select(1).select_from(zones.alias("any_zone"))), found.scalar_subquery())).label(
        "shipping_zones"
    )


def zones(session: Session, *, after: tuple[str, UUID] | None, limit: int) -> Page[ShippingZone]:
    """All zones by their names, with their places and rates; `after` names the last one seen."""
    order = tuple_(ShippingZone.name, ShippingZone.id)
    statement = _whole().order_by(order).limit(limit + 1)
    if after is not None:
        statement = statement.where(order > after)
    return paged(session.scalars(statement).all(), limit, lambda zone: [zone.name, str(zone.id)])


def zone(session: Session, zone_id: UUID) -> ShippingZone:
    """One zone with its places and rates, as they are now. Raises NotFound."""
    fresh = _whole().where(ShippingZone.id == zone_id).execution_options(populate_existing=True)
    found = session.scalars(fresh).one_or_none()
    if found is None:
        raise NotFound("There is no such shipping zone.")
    return found


def _whole() -> Select[ShippingZone]:
    return select(ShippingZone).options(selectinload(ShippingZone.places), selectinload(ShippingZone.rates))


def _all(table: FromClause, names: Sequence[str]) -> Any:
    """The rows as a list of objects with these columns."""
    facts = [part for name in names for part in (literal_column(f"'{name}'"), table.c[name])]
    row = func.jsonb_build_object(*facts)
    return select(func.coalesce(func.jsonb_agg(row), literal_column("'[]'::jsonb")))
