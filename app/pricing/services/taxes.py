"""Which rates a purchase is taxed at, and what that comes to, in whole minor units."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.platform.db import Json
from app.platform.money import allocate, contained, share
from app.platform.postal_rules import lacks_region, region_key
from app.pricing.models import STANDARD
from app.pricing.services.facts import Destination, Levy

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class SingleTaxRate:
    """One rate for everything and everywhere, in ten-thousandths, added to prices that are without tax."""

    basis_points: int

    def levy(
        self, destination: Destination | None, categories: Sequence[str], tax_number: str | None
    ) -> Levy:
        """The rate for all of it; nobody is exempt."""
        rate = Decimal(self.basis_points)
        return Levy(prices_include_tax=False, rates=(rate,) * len(categories), shipping_rate=rate)


@dataclass(frozen=True, slots=True)
class ZonedTax:
    """The rates of zones as `zones_in_country` answers them. Where no zone is, there is no tax."""

    zones: Sequence[Json]

    def levy(
        self, destination: Destination | None, categories: Sequence[str], tax_number: str | None
    ) -> Levy:
        """By the zone of the region, else that of the country; the default one while it is unknown."""
        zone, lacks_region = self._zone(destination), self._lacks_region(destination)
        if zone is None:
            return Levy(
                prices_include_tax=False,
                rates=(NOTHING,) * len(categories),
                shipping_rate=NOTHING,
                lacks_region=lacks_region,
            )
        shipping = zone["shipping_category"]
        return Levy(
            prices_include_tax=zone["prices_include_tax"],
            rates=tuple(_rate(zone, category) for category in categories),
            shipping_rate=NOTHING if shipping is None else _rate(zone, shipping),
            exempt=zone["exempts_tax_numbers"] and tax_number is not None,
            lacks_region=lacks_region,
        )

    def _zone(self, destination: Destination | None) -> Json | None:
        if destination is None:
            return next((zone for zone in self.zones if zone["is_default"]), None)
        there = self._in(destination.country)
        return there.get(region_key(destination.country, destination.region)) or there.get("")

    def _lacks_region(self, destination: Destination | None) -> bool:
        if destination is None or not any(self._in(destination.country)):
            return False
        return lacks_region(destination.country, destination.region)

    def _in(self, country: str) -> dict[str, Json]:
        """The country's zones by the keys of their regions."""
        there = (zone for zone in self.zones if zone["country"] == country)
        return {region_key(country, zone["region"]): zone for zone in there}


def _rate(zone: Json, category: str) -> Decimal:
    rates = zone["rates"] or {}
    return Decimal(rates.get(category) or rates.get(STANDARD) or 0)


def taxes(amounts: Sequence[int], rates: Sequence[Decimal], *, included: bool, step: int = 1) -> list[int]:
    """The tax of each amount at its rate: contained in it, or to be added.

    Amounts of one rate are summed first, their tax is rounded once, half a step up, and then split among
    them by `allocate`: so the tax per rate is exact for the purchase, and no unit is lost on its lines.
    """
    alike: dict[Decimal, list[int]] = defaultdict(list)
    for place, rate in enumerate(rates):
        alike[rate].append(place)
    found = [0] * len(amounts)
    for rate, places in alike.items():
        whole = sum(amounts[place] for place in places)
        if whole:
            tax = contained(whole, rate, step=step) if included else share(whole, rate, step=step)
            parts = allocate(tax, [amounts[place] for place in places], step=step)
            for place, part in zip(places, parts, strict=True):
                found[place] = part
    return found
