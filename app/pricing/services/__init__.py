"""What a purchase costs, from its items to its total."""

from app.pricing.services.facts import (
    NO_DISCOUNT,
    Destination,
    Discount,
    Item,
    Levy,
    PricedLine,
    Rules,
    ShippingMethod,
    ShippingRates,
    TaxRates,
    Totals,
    destination_of,
)
from app.pricing.services.picking_up import PICKUP, picked_up
from app.pricing.services.quoting import quote, totals_answer
from app.pricing.services.rules import current_rules
from app.pricing.services.shipping import (
    FlatShipping,
    fewest_days,
    shipping_method,
    shipping_methods,
    shipping_price,
)
from app.pricing.services.tax_numbers import tax_number_of
from app.pricing.services.taxes import SingleTaxRate, ZonedTax
from app.pricing.services.zoned import ZonedShipping

__all__ = [
    "NO_DISCOUNT",
    "PICKUP",
    "Destination",
    "Discount",
    "FlatShipping",
    "Item",
    "Levy",
    "PricedLine",
    "Rules",
    "ShippingMethod",
    "ShippingRates",
    "SingleTaxRate",
    "TaxRates",
    "Totals",
    "ZonedShipping",
    "ZonedTax",
    "current_rules",
    "destination_of",
    "fewest_days",
    "picked_up",
    "quote",
    "shipping_method",
    "shipping_methods",
    "shipping_price",
    "tax_number_of",
    "totals_answer",
]
