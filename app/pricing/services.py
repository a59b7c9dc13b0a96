"""What a purchase costs, from its items to its total. Amounts are minor units of one currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from app.platform.db import Json
from app.platform.money import Money, share
from app.pricing.errors import UnknownShippingMethod

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from config import Settings


@dataclass(frozen=True, slots=True)
class Item:
    """Units of one article at its price without tax; `weight_grams` is that of one unit, 0 if unknown."""

    unit_price_amount: int
    quantity: int
    weight_grams: int


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to deliver, as far as prices depend on it. `country` is ISO 3166 alpha-2."""

    country: str
    region: str | None
    postal_code: str | None


@dataclass(frozen=True, slots=True)
class ShippingMethod:
    """A way to deliver, its price without tax, and how long it takes: in words, and at least.

    `fewest_days` are working days.
    """

    code: str
    name: str
    price_amount: int
    currency: str
    estimate: str
    fewest_days: int = 0

    @property
    def price(self) -> Money:
        """The price as money."""
        return Money(self.price_amount, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums of a purchase; `total` follows from the others, so that they always agree."""

    currency: str
    subtotal: int
    discount: int
    shipping: int
    tax: int

    @property
    def total(self) -> int:
        """What the buyer pays."""
        return self.subtotal - self.discount + self.shipping + self.tax


class ShippingRates(Protocol):
    """Knows the ways to deliver."""

    def methods(
        self, destination: Destination | None, items: Sequence[Item], currency: str
    ) -> Sequence[ShippingMethod]:
        """The methods that deliver these items there, priced in `currency`; estimates while it is unknown."""
        ...


class TaxRates(Protocol):
    """Knows the tax."""

    def tax(self, destination: Destination | None, items_amount: int, shipping_amount: int) -> int:
        """The tax on items (after discount) and shipping; an estimate while the destination is unknown."""
        ...


@dataclass(frozen=True, slots=True)
class FlatShipping:
    """One method at one price to everywhere, offered only in its own currency."""

    amount: int
    currency: str

    def methods(
        self,
        destination: Destination | None,
        items: Sequence[Item],
        currency: str,
    ) -> Sequence[ShippingMethod]:
        """The method `standard`."""
        if currency != self.currency:
            return ()
        return (
            ShippingMethod("standard", "Standard shipping", self.amount, currency, "3 to 5 working days", 3),
        )


@dataclass(frozen=True, slots=True)
class SingleTaxRate:
    """One rate for everything and everywhere, in ten-thousandths, added to prices that are without tax."""

    basis_points: int

    def tax(self, destination: Destination | None, items_amount: int, shipping_amount: int) -> int:
        """The rate's share of both amounts together, half a unit rounded up."""
        return share(items_amount + shipping_amount, self.basis_points)


@dataclass(frozen=True, slots=True)
class Rules:
    """By what the shop prices a purchase."""

    currency: str
    shipping: ShippingRates
    tax: TaxRates


def rules_from(settings: "Settings") -> Rules:
    """The rules that the settings describe. Only edges call it: routes, tasks and commands."""
    return Rules(
        settings.currency,
        FlatShipping(settings.shipping_flat_amount, settings.currency),
        SingleTaxRate(settings.tax_basis_points),
    )


def shipping_methods(
    items: Sequence[Item], *, rules: Rules, destination: Destination | None
) -> Sequence[ShippingMethod]:
    """The ways to deliver these items there, the cheapest first."""
    methods = rules.shipping.methods(destination, items, rules.currency)
    return sorted(methods, key=lambda method: (method.price_amount, method.code))


def shipping_method(
    items: Sequence[Item], *, rules: Rules, destination: Destination | None, code: str
) -> ShippingMethod:
    """The method that was chosen. Raises UnknownShippingMethod unless it delivers these items there."""
    methods = shipping_methods(items, rules=rules, destination=destination)
    for method in methods:
        if method.code == code:
            return method
    known = ", ".join(method.code for method in methods)
    advice = f"Choose one of: {known}." if known else "Nothing delivers these items there."
    raise UnknownShippingMethod(
        f"The shipping method {code} is not available for this purchase.",
        errors={"shipping_method": [advice]},
    )


def fewest_days(*, rules: Rules, address: Json, code: str) -> int:
    """Working days that a method takes to this address at least; 0 for one that is not offered any more."""
    destination = Destination(address["country"], address["region"], address["postal_code"])
    methods = shipping_methods((), rules=rules, destination=destination)
    return next((method.fewest_days for method in methods if method.code == code), 0)


def quote(
    items: Sequence[Item], *, rules: Rules, destination: Destination | None, method_code: str | None
) -> Totals:
    """The sums for these items, priced in the rules' currency.

    Without a method the cheapest is taken, so that a cart shows an estimate. No items cost nothing, shipping
    included. Raises UnknownShippingMethod for a method that does not deliver the items there.
    """
    if not items:
        return Totals(currency=rules.currency, subtotal=0, discount=0, shipping=0, tax=0)
    subtotal = sum(item.unit_price_amount * item.quantity for item in items)
    shipping = _shipping(items, rules, destination, method_code)
    tax = rules.tax.tax(destination, subtotal, shipping)
    return Totals(currency=rules.currency, subtotal=subtotal, discount=0, shipping=shipping, tax=tax)


def totals_answer(totals: Totals) -> Json:
    """The sums as the outside sees them: each an amount with its currency."""
    sums = ("subtotal", "discount", "shipping", "tax", "total")
    return {name: {"amount": getattr(totals, name), "currency": totals.currency} for name in sums}


def _shipping(items: Sequence[Item], rules: Rules, destination: Destination | None, code: str | None) -> int:
    if code is not None:
        return shipping_method(items, rules=rules, destination=destination, code=code).price_amount
    methods = shipping_methods(items, rules=rules, destination=destination)
    return methods[0].price_amount if methods else 0
