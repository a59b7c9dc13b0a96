"""The ways to deliver that the zones of the shop's tables tell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.platform.db import Json
from app.platform.postal_rules import region_key
from app.pricing.services.facts import Destination, Item, ShippingMethod


@dataclass(frozen=True, slots=True)
class ZonedShipping:
    """The rates of zones as `shipping_zones_in_country` answers them. Where no zone is, nothing is sent."""

    zones: Sequence[Json]

    def methods(
        self, destination: Destination | None, items: Sequence[Item], currency: str
    ) -> Sequence[ShippingMethod]:
        """The active rates in this currency that carry the items' weight; of none, the least of each."""
        rates = [rate for rate in _zone(self.zones, destination)["rates"] if rate["currency"] == currency]
        grams = sum(item.weight_grams * item.quantity for item in items)
        subtotal = sum(item.subtotal for item in items)
        priced = ((rate, _price(rate, grams=grams, subtotal=subtotal)) for rate in rates)
        return [_method(rate, price) for rate, price in priced if price is not None]


def plain_postal_code(code: str | None) -> str:
    """As postal codes are compared: SW1Y 4JH and sw1y-4jh are the same."""
    return re.sub(r"[\s-]", "", code or "").upper()


def in_days(fewest: int, most: int) -> str:
    """So many working days, in words."""
    many = str(most) if fewest == most else f"{fewest} to {most}"
    return f"{many} working day{'' if most == 1 else 's'}"


def _zone(zones: Sequence[Json], destination: Destination | None) -> Json:
    """The zone of the place that says most about the destination; the default one while it is unknown."""
    nowhere: Json = {"rates": []}
    if destination is None:
        return next((zone for zone in zones if zone["is_default"]), nowhere)
    places = [(place, zone) for zone in zones for place in zone["places"] if _is_in(destination, place)]
    return max(places, key=lambda found: _says(found[0]), default=(None, nowhere))[1]


def _is_in(destination: Destination, place: Json) -> bool:
    if place["country"] != destination.country:
        return not place["country"]
    region = region_key(place["country"], place["region"])
    if region not in ("", region_key(destination.country, destination.region)):
        return False
    return plain_postal_code(destination.postal_code).startswith(place["postal_prefix"])


def _says(place: Json) -> tuple[int, bool, bool]:
    """More for a longer prefix than for a shorter one, then for a region, then for a country."""
    return len(place["postal_prefix"]), bool(place["region"]), bool(place["country"])


def _price(rate: Json, *, grams: int, subtotal: int) -> int | None:
    """None when they are too heavy."""
    amounts = [rate["amount"]] if rate["tiers"] is None else _amounts(rate["tiers"], grams)
    free_from = rate["free_from_amount"]
    is_free = free_from is not None and subtotal >= free_from
    return next((0 if is_free else int(amount) for amount in amounts), None)


def _amounts(tiers: Sequence[Json], grams: int) -> list[int]:
    """Of the tiers that carry this weight, the first of which counts."""
    return [tier["amount"] for tier in tiers if tier["up_to_grams"] is None or grams <= tier["up_to_grams"]]


def _method(rate: Json, price: int) -> ShippingMethod:
    fewest, most = rate["fewest_days"], rate["most_days"]
    return ShippingMethod(
        rate["code"], rate["name"], price, rate["currency"], in_days(fewest, most), fewest, most
    )
