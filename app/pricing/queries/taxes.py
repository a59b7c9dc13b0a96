"""Reading taxes."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Label,
    Text,
    bindparam,
    case,
    cast,
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
from app.pricing.models import TaxRate, TaxZone

ZONE = ("country", "region", "is_default", "prices_include_tax", "shipping_category", "exempts_tax_numbers")


def zones_in_country() -> Label[Any]:
    """The zones of the parameter `country` and the default one, with their rates; null if there are no zones.

    Rates are text, because they are decimals.
    """
    zones, rates = table_of(TaxZone), table_of(TaxRate).c
    by_category = func.jsonb_object_agg(rates.category, cast(rates.basis_points, Text))
    of_zone = select(by_category).where(rates.zone_id == zones.c.id).scalar_subquery()
    facts: list[ColumnElement[Any]] = []
    for name in ZONE:
        facts += (literal_column(f"'{name}'"), zones.c[name])
    zone = func.jsonb_build_object(*facts, literal_column("'rates'"), of_zone)
    wanted = or_(zones.c.country == bindparam("country", type_=zones.c.country.type), zones.c.is_default)
    found = select(func.coalesce(func.jsonb_agg(zone), literal_column("'[]'::jsonb"))).where(wanted)
    some = exists(select(1).select_from(zones.alias("any")))
    return case((some, found.scalar_subquery())).label("tax_zones")


def tax_zones(session: Session, *, after: tuple[str, str] | None, limit: int) -> Page[TaxZone]:
    """All zones with their rates, by country and region."""
    place = tuple_(TaxZone.country, TaxZone.region)
    statement = select(TaxZone).options(selectinload(TaxZone.rates)).order_by(place).limit(limit + 1)
    if after is not None:
        statement = statement.where(place > after)
    return paged(session.scalars(statement).all(), limit, lambda zone: [zone.country, zone.region])


def tax_zone(session: Session, zone_id: UUID) -> TaxZone:
    """One zone with its rates, as it is in the database. Raises NotFound."""
    found = select(TaxZone).where(TaxZone.id == zone_id).options(selectinload(TaxZone.rates))
    zone = session.scalars(found, execution_options={"populate_existing": True}).one_or_none()
    if zone is None:
        raise NotFound("There is no such tax zone.")
    return zone
