"""The ways to deliver."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.platform.db import Json
from app.pricing.errors import UnknownShippingMethod
from app.pricing.services.facts import Destination, Item, Rules, ShippingMethod, destination_of


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
            ShippingMethod(
                "standard", "Standard shipping", self.amount, currency, "3 to 5 working days", 3, 5
            ),
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
    advice = (
        f"Choose one of: {known}." if known else f"Nothing delivers these items there in {rules.currency}."
    )
    raise UnknownShippingMethod(
        f"The shipping method {code} is not available for this purchase.",
        errors={"shipping_method": [advice]},
    )


def shipping_price(
    items: Sequence[Item], *, rules: Rules, destination: Destination | None, code: str | None
) -> int:
    """What the chosen method costs, else the cheapest; nothing while none is offered.

    Raises UnknownShippingMethod for a choice that does not deliver the items there.
    """
    if code is not None:
        return shipping_method(items, rules=rules, destination=destination, code=code).price_amount
    methods = shipping_methods(items, rules=rules, destination=destination)
    return methods[0].price_amount if methods else 0


def fewest_days(*, rules: Rules, address: Json, code: str, currency: str) -> int:
    """Working days that a method takes to this address at least; 0 for one that is not offered any more.

    The currency is that of the order, in which its method was chosen.
    """
    priced = replace(rules, currency=currency)
    methods = shipping_methods((), rules=priced, destination=destination_of(address))
    return next((method.fewest_days for method in methods if method.code == code), 0)
