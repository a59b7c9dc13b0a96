"""Orders that their buyers pick up in a store."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.pricing.services.facts import Destination, Item, Rules, ShippingMethod

PICKUP = "pickup"
"""The code of the method. No rate of a zone has it."""


@dataclass(frozen=True, slots=True)
class PickUp:
    """The one way to an order that is picked up: it costs nothing, in any currency."""

    def methods(
        self, destination: Destination | None, items: Sequence[Item], currency: str
    ) -> Sequence[ShippingMethod]:
        """The method `pickup`."""
        return (ShippingMethod(PICKUP, "Pick-up in store", 0, currency, "We write when it is ready"),)


def picked_up(rules: Rules) -> Rules:
    """The same rules for an order that is not sent; its destination is the store."""
    return replace(rules, shipping=PickUp())
