"""Keeping tax zones. One change at a time, so that no two are the default or for the same place."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.platform.ids import new_id
from app.platform.postal_rules import check_countries, region_code, region_key
from app.pricing.errors import TaxZoneTaken
from app.pricing.models import TaxRate, TaxZone
from app.pricing.queries.taxes import tax_zone


def create_zone(session: Session, values: Mapping[str, Any]) -> TaxZone:
    """Add a zone; `values` are its columns, and `rates`: ten-thousandths by category.

    A region that its country knows is kept by its code, if that is in Latin script; there is one zone for
    it, however it is spelled. If it is the default one, no other is any more. Raises TaxZoneTaken, and
    Invalid for what is no country.
    """
    _hold(session)
    zone = TaxZone(id=new_id())
    country = values["country"]
    check_countries({"country": country})
    region = (region_code(country, values["region"]) or "").strip()
    _check_free(session, country, region)
    _set(session, zone, {**values, "region": region})
    session.add(zone)
    session.flush()
    return tax_zone(session, zone.id)


def change_zone(session: Session, zone_id: UUID, values: Mapping[str, Any]) -> TaxZone:
    """Set what is given, but never where it is; rates all at once. Orders keep theirs. Raises NotFound."""
    _hold(session)
    _set(session, tax_zone(session, zone_id), values)
    session.flush()
    return tax_zone(session, zone_id)


def delete_zone(session: Session, zone_id: UUID) -> None:
    """Ask for no tax there any more; after the last one, for that of the settings. Raises NotFound."""
    _hold(session)
    session.delete(tax_zone(session, zone_id))


def _set(session: Session, zone: TaxZone, values: Mapping[str, Any]) -> None:
    if values.get("is_default"):
        others = update(TaxZone).where(TaxZone.is_default, TaxZone.id != zone.id)
        session.execute(others.values(is_default=False))
    for name, value in values.items():
        if name != "rates":
            setattr(zone, name, value)
    if "rates" in values:
        _set_rates(zone, values["rates"])
    zone.updated_at = func.now()  # also for its rates, which are rows of their own


def _check_free(session: Session, country: str, region: str) -> None:
    known = select(TaxZone.region).where(TaxZone.country == country)
    if region_key(country, region) in {region_key(country, other) for other in session.scalars(known)}:
        raise TaxZoneTaken("There is a zone for this country and region: change that one.")


def _set_rates(zone: TaxZone, rates: Mapping[str, Decimal]) -> None:
    known = {rate.category: rate for rate in zone.rates}
    for category, basis_points in rates.items():
        rate = known.get(category)
        if rate is None:
            zone.rates.append(TaxRate(category=category, basis_points=basis_points))
        else:
            rate.basis_points = basis_points
    for category in known.keys() - rates.keys():
        zone.rates.remove(known[category])


def _hold(session: Session) -> None:
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('pricing.tax_zones', 0))"))
