"""What a purchase is made of, and what it comes to. Amounts are minor units of one currency."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from app.catalog.services.price_lists import check_sold_in
from app.platform.db import Json
from app.platform.money import Money
from app.platform.postal_rules import region_code
from app.pricing.models import STANDARD


@dataclass(frozen=True, slots=True)
class Item:
    """Units of one article at the price that it is shown at; `weight_grams` is of one unit, 0 if unknown."""

    unit_price_amount: int
    quantity: int
    weight_grams: int
    tax_category: str = STANDARD

    @property
    def subtotal(self) -> int:
        """The price of all its units."""
        return self.unit_price_amount * self.quantity


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to deliver, as far as prices depend on it. `country` is ISO 3166 alpha-2."""

    country: str
    region: str | None
    postal_code: str | None


def destination_of(address: Json) -> Destination:
    """Where an address is; its region by its code where that is in Latin script: see `region_key`."""
    country = address["country"]
    return Destination(country, region_code(country, address["region"]), address["postal_code"])


@dataclass(frozen=True, slots=True)
class ShippingMethod:
    """A way to deliver, the price it is shown at, and how long it takes: in words, at least and at most.

    The days are working days. Without `most_days` nobody can say.
    """

    code: str
    name: str
    price_amount: int
    currency: str
    estimate: str
    fewest_days: int = 0
    most_days: int | None = None

    @property
    def price(self) -> Money:
        """The price as money."""
        return Money(self.price_amount, self.currency)


@dataclass(frozen=True, slots=True)
class Discount:
    """What comes off each item, in their order, and off shipping: at most what they cost, never less than 0.

    Without `lines` nothing comes off the items.
    """

    lines: tuple[int, ...] = ()
    shipping: int = 0


NO_DISCOUNT = Discount()


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """What an item, or shipping, comes to. `tax` is contained in its price or added to it: see the totals.

    `tax_basis_points` is the rate, in ten-thousandths.
    """

    unit_price: int
    subtotal: int
    discount: int
    tax: int
    tax_basis_points: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums of a purchase; they follow from its lines, one per item, and shipping, so that they agree.

    `discount` and `tax` are of the items and of shipping together. With `prices_include_tax` the tax is a
    part of the other sums, else it is added to them. With `lacks_region` it is an estimate: see Levy.
    """

    currency: str
    prices_include_tax: bool = False
    lines: tuple[PricedLine, ...] = ()
    shipping_line: PricedLine = field(
        default=PricedLine(unit_price=0, subtotal=0, discount=0, tax=0, tax_basis_points=Decimal(0))
    )
    lacks_region: bool = False

    @property
    def subtotal(self) -> int:
        """The items, before the discount."""
        return sum(line.subtotal for line in self.lines)

    @property
    def discount(self) -> int:
        """What comes off the items and off shipping."""
        return sum(line.discount for line in self._parts)

    @property
    def shipping(self) -> int:
        """Shipping, before the discount."""
        return self.shipping_line.subtotal

    @property
    def shipping_discount(self) -> int:
        """What comes off shipping."""
        return self.shipping_line.discount

    @property
    def shipping_tax(self) -> int:
        """The tax on shipping."""
        return self.shipping_line.tax

    @property
    def tax(self) -> int:
        """The tax on items and shipping, contained or added."""
        return sum(line.tax for line in self._parts)

    @property
    def total(self) -> int:
        """What the buyer pays."""
        added = 0 if self.prices_include_tax else self.tax
        return self.subtotal - self.discount + self.shipping + added

    @property
    def _parts(self) -> tuple[PricedLine, ...]:
        return (*self.lines, self.shipping_line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Levy:
    """The tax rules for one purchase: a rate in ten-thousandths for each item, in their order, and shipping.

    Who is `exempt` pays none of it, even where the prices contain it. `lacks_region` says that the rates
    depend on the region, and that the destination names none that its country has.
    """

    prices_include_tax: bool
    rates: tuple[Decimal, ...]
    shipping_rate: Decimal
    exempt: bool = False
    lacks_region: bool = False


class ShippingRates(Protocol):
    """Knows the ways to deliver."""

    def methods(
        self, destination: Destination | None, items: Sequence[Item], currency: str
    ) -> Sequence[ShippingMethod]:
        """The methods that deliver these items there, priced in `currency`; estimates while it is unknown."""
        ...


class TaxRates(Protocol):
    """Knows the tax: from a setting, from tables, or from an outside service that was asked before.

    It answers rates, not amounts, so that whoever knows them, one rule rounds (docs/adr/0036).
    """

    def levy(
        self, destination: Destination | None, categories: Sequence[str], tax_number: str | None
    ) -> Levy:
        """The rules for items of these categories; an estimate while the destination is unknown.

        `tax_number` is the buyer's, of a format that was checked.
        """
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """By what the shop prices a purchase."""

    currency: str
    shipping: ShippingRates
    tax: TaxRates
    sold_in: tuple[str, ...] = ()

    @property
    def currencies(self) -> tuple[str, ...]:
        """What the shop sells in: several, or the one that it prices by."""
        return self.sold_in or (self.currency,)

    def check_sold_in(self, currency: str) -> None:
        """Raise CurrencyNotSold unless the shop sells in it."""
        check_sold_in(currency, self.currencies)
