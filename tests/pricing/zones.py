"""Shipping zones for tests."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.pricing.services import zones

STANDARD: dict[str, Any] = {
    "code": "standard",
    "name": "Standard shipping",
    "currency": "USD",
    "amount": 499,
    "fewest_days": 3,
    "most_days": 5,
}
EXPRESS = STANDARD | {"code": "express", "name": "Express", "amount": 1500, "fewest_days": 1, "most_days": 1}


def place(country: str | None, *, region: str | None = None, postal_prefix: str | None = None) -> Any:
    """A place as an admin says it."""
    return {"country": country, "region": region, "postal_prefix": postal_prefix}


def rate_to_everywhere(session: Session) -> dict[str, UUID]:
    """The ids of the default zone, which is everywhere, and of its one rate, that of the settings."""
    facts = {"name": "Everywhere", "is_default": True, "places": [place(None)]}
    zone_id = zones.add_zone(session, facts).id
    return {"zone_id": zone_id, "rate_id": zones.add_rate(session, zone_id, STANDARD).id}
