"""By what the shop prices: its tables, and its settings for what these say nothing about."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.pricing.queries.rules import written_rules
from app.pricing.services.facts import Rules
from app.pricing.services.shipping import FlatShipping
from app.pricing.services.taxes import SingleTaxRate, ZonedTax
from app.pricing.services.zoned import ZonedShipping

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from config import Settings


def current_rules(session: Session, settings: "Settings", *, country: str | None = None) -> Rules:
    """The rules for deliveries to a country, or for estimates while it is unknown. Reads one statement.

    A shop without any tax zone has the one rate of the settings, and one without any shipping zone their flat
    price.
    """
    written = written_rules(session, country=country)
    zones, sent_to = written.tax_zones, written.shipping_zones
    tax = SingleTaxRate(settings.tax_basis_points) if zones is None else ZonedTax(zones)
    flat = FlatShipping(settings.shipping_flat_amount, settings.currency)
    shipping = flat if sent_to is None else ZonedShipping(sent_to)
    return Rules(settings.currency, shipping, tax, settings.currencies)
