"""Keeping the zones that the shop delivers to, and their rates. One change at a time."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.platform.db import Json, now
from app.platform.errors import Invalid, NotFound
from app.platform.ids import new_id
from app.platform.money import step
from app.platform.postal_rules import is_country, region_code, region_key
from app.pricing.errors import PlaceTaken, RateTaken
from app.pricing.models import ShippingPlace, ShippingRate, ShippingZone
from app.pricing.queries.shipping import zone
from app.pricing.services.picking_up import PICKUP
from app.pricing.services.zoned import plain_postal_code


def add_zone(session: Session, facts: Mapping[str, Any]) -> ShippingZone:
    """Add a zone. Raises PlaceTaken for a place of another one. The new default one takes over."""
    _hold_zones(session)
    made = ShippingZone(id=new_id(), is_default=False, places=[], rates=[])
    return _take_over(session, made, facts)


def change_zone(session: Session, zone_id: UUID, changes: Mapping[str, Any]) -> ShippingZone:
    """Change what is given; `places` are all that it has from now on. Raises NotFound, PlaceTaken."""
    _hold_zones(session)
    return _take_over(session, zone(session, zone_id), changes)


def remove_zone(session: Session, zone_id: UUID) -> None:
    """Deliver there no more, at these rates. Orders keep what they were told. Raises NotFound."""
    _hold_zones(session)
    session.delete(zone(session, zone_id))


def add_rate(session: Session, zone_id: UUID, facts: Mapping[str, Any]) -> ShippingRate:
    """Add a way to deliver to a zone. Raises NotFound, Invalid, and RateTaken for one of its rates' code."""
    _hold_zones(session)
    rate = ShippingRate(id=new_id(), zone_id=zone_id, is_active=True, amount=None, tiers=None)
    return _set(session, zone(session, zone_id), rate, facts)


def change_rate(session: Session, zone_id: UUID, rate_id: UUID, changes: Mapping[str, Any]) -> ShippingRate:
    """Change what is given; an amount ends the tiers, and the other way round. Raises as above."""
    _hold_zones(session)
    of_zone = zone(session, zone_id)
    return _set(session, of_zone, _rate(of_zone, rate_id), changes)


def remove_rate(session: Session, zone_id: UUID, rate_id: UUID) -> None:
    """Offer it no more. Orders keep what they were told. Raises NotFound."""
    _hold_zones(session)
    session.delete(_rate(zone(session, zone_id), rate_id))


def _hold_zones(session: Session) -> None:
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('pricing.shipping_zones', 0))"))


def _take_over(session: Session, kept: ShippingZone, facts: Mapping[str, Any]) -> ShippingZone:
    if facts.get("is_default"):
        session.execute(update(ShippingZone).where(ShippingZone.id != kept.id).values(is_default=False))
    for name in facts.keys() & {"name", "is_default"}:
        setattr(kept, name, facts[name])
    kept.updated_at = func.now()  # also for its places, which are rows of their own
    session.add(kept)
    if "places" in facts:
        _place(session, kept, facts["places"])
    session.flush()
    return zone(session, kept.id)


def _place(session: Session, kept: ShippingZone, places: Sequence[Json]) -> None:
    """The zone has these places; those that it had already stay the same rows."""
    wanted = {_key(*each): each for each in reversed([_plain(place) for place in places])}
    known = {_key(each.country, each.region, each.postal_prefix): each for each in kept.places}
    place = (ShippingPlace.country, ShippingPlace.region, ShippingPlace.postal_prefix)
    there = ShippingPlace.country.in_({country for country, _, _ in wanted})
    of_others = session.execute(select(*place).where(ShippingPlace.zone_id != kept.id, there))
    taken = [tuple(each) for each in of_others if _key(*each) in wanted]
    if taken:
        raise PlaceTaken(
            "A place is in one zone only.",
            places=[
                {"country": country or None, "region": region or None, "postal_prefix": prefix or None}
                for country, region, prefix in taken
            ],
        )
    kept.places = [
        known.get(key) or ShippingPlace(id=new_id(), country=each[0], region=each[1], postal_prefix=each[2])
        for key, each in sorted(wanted.items())
    ]


def _key(country: str, region: str, postal_prefix: str) -> tuple[str, str, str]:
    """By what places are compared: a region has several spellings."""
    return country, region_key(country, region), postal_prefix


def _plain(place: Json) -> tuple[str, str, str]:
    country = place["country"] or ""
    if country and not is_country(country):
        raise Invalid("This is no country.", errors={"places": [f"{country} is none of ISO 3166."]})
    region = (region_code(country, place["region"]) or "").strip().upper()
    return country, region, plain_postal_code(place["postal_prefix"])


def _rate(of_zone: ShippingZone, rate_id: UUID) -> ShippingRate:
    for rate in of_zone.rates:
        if rate.id == rate_id:
            return rate
    raise NotFound("There is no such shipping rate.")


def _set(
    session: Session, of_zone: ShippingZone, rate: ShippingRate, facts: Mapping[str, Any]
) -> ShippingRate:
    if facts.get("amount") is not None:
        rate.tiers = None
    if facts.get("tiers") is not None:
        rate.amount = None
    for name, fact in facts.items():
        setattr(rate, name, fact)
    _check(of_zone, rate)
    session.add(rate)
    rate.updated_at = now(session)
    session.flush()
    return rate


def _check(of_zone: ShippingZone, rate: ShippingRate) -> None:
    if (rate.amount is None) == (rate.tiers is None):
        raise Invalid("Give an amount or tiers.", errors={"amount": ["Either this, or tiers."]})
    _check_step(rate)
    if rate.fewest_days > rate.most_days:
        raise Invalid("Days in order, please.", errors={"most_days": ["Must not be fewer than fewest_days."]})
    if rate.code == PICKUP:
        raise Invalid("This code is for pick-up.", errors={"code": ["Choose another."]})
    others = [(each.code, each.currency) for each in of_zone.rates if each.id != rate.id]
    if (rate.code, rate.currency) in others:
        raise RateTaken(f"The zone has a rate {rate.code} in {rate.currency} already.")


def _check_step(rate: ShippingRate) -> None:
    least = step(rate.currency)
    amounts = [rate.amount] if rate.tiers is None else [tier["amount"] for tier in rate.tiers]
    if any(amount % least for amount in amounts if amount):
        must = f"Must be a multiple of {least} in {rate.currency}."
        raise Invalid("An amount cannot be charged.", errors={"amount": [must]})
