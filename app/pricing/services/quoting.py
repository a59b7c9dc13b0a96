"""From items to their totals."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from app.platform.db import Json
from app.platform.money import contained, step
from app.pricing.services.facts import (
    NO_DISCOUNT,
    Destination,
    Discount,
    Item,
    Levy,
    PricedLine,
    Rules,
    Totals,
)
from app.pricing.services.shipping import shipping_price
from app.pricing.services.taxes import NOTHING, taxes


def quote(
    items: Sequence[Item],
    *,
    rules: Rules,
    destination: Destination | None,
    method_code: str | None,
    discount: Discount = NO_DISCOUNT,
    tax_number: str | None = None,
) -> Totals:
    """The sums for these items, and each item's own, priced in the rules' currency.

    Without a method the cheapest is taken, so that a cart shows an estimate. No items cost nothing, shipping
    included. Raises UnknownShippingMethod for a method that does not deliver the items there, and ValueError
    for a discount that is more than what it comes off.

    Who is exempt where prices contain the tax pays them without it: it is taken out of the unit price, the
    price of shipping and the discounts, each rounded by itself. All sums are in steps of the currency.
    """
    levy = rules.tax.levy(destination, [item.tax_category for item in items], tax_number)
    if not items:
        return Totals(currency=rules.currency, prices_include_tax=levy.prices_include_tax)
    shipping = shipping_price(items, rules=rules, destination=destination, code=method_code)
    lines = _untaxed(items, shipping, discount, levy)
    if levy.exempt:
        within = levy.prices_include_tax
        lines = [_without(line, contained_too=within, step=step(rules.currency)) for line in lines]
    included = levy.prices_include_tax and not levy.exempt
    rates = [line.tax_basis_points for line in lines]
    amounts = [line.subtotal - line.discount for line in lines]
    due = taxes(amounts, rates, included=included, step=step(rules.currency))
    taxed = [replace(line, tax=tax) for line, tax in zip(lines, due, strict=True)]
    return Totals(
        currency=rules.currency,
        prices_include_tax=included,
        lines=tuple(taxed[:-1]),
        shipping_line=taxed[-1],
        lacks_region=levy.lacks_region,
    )


def totals_answer(totals: Totals) -> Json:
    """The sums as the outside sees them: each an amount with its currency."""
    sums = ("subtotal", "discount", "shipping", "tax", "total")
    amounts = {name: {"amount": getattr(totals, name), "currency": totals.currency} for name in sums}
    return amounts | {"tax_included": totals.prices_include_tax}


def _untaxed(items: Sequence[Item], shipping: int, discount: Discount, levy: Levy) -> list[PricedLine]:
    """The items with shipping as the last, at their rates, before any tax."""
    off = discount.lines or (0,) * len(items)
    lines = [
        _line(item.unit_price_amount, item.quantity, taken, rate)
        for item, taken, rate in zip(items, off, levy.rates, strict=True)
    ]
    return [*lines, _line(shipping, 1, discount.shipping, levy.shipping_rate)]


def _line(unit_price: int, quantity: int, discount: int, rate: Decimal) -> PricedLine:
    subtotal = unit_price * quantity
    if not 0 <= discount <= subtotal:
        raise ValueError(f"a discount of {discount} on {subtotal}")
    return PricedLine(
        unit_price=unit_price, subtotal=subtotal, discount=discount, tax=0, tax_basis_points=rate
    )


def _without(line: PricedLine, *, contained_too: bool, step: int) -> PricedLine:
    """A line that no tax is due on; what its price contains of it is taken out."""
    if not contained_too:
        return replace(line, tax_basis_points=NOTHING)
    quantity = line.subtotal // line.unit_price if line.unit_price else 0
    unit_price = line.unit_price - contained(line.unit_price, line.tax_basis_points, step=step)
    subtotal = unit_price * quantity
    discount = min(line.discount - contained(line.discount, line.tax_basis_points, step=step), subtotal)
    if line.discount == line.subtotal:  # what is free stays free, however it is rounded
        discount = subtotal
    return PricedLine(
        unit_price=unit_price, subtotal=subtotal, discount=discount, tax=0, tax_basis_points=NOTHING
    )
