"""By what the carts of these tests are priced: the defaults of the shop."""

from app.pricing.services import FlatShipping, Rules, SingleTaxRate

RULES = Rules("USD", FlatShipping(499, "USD"), SingleTaxRate(800))
