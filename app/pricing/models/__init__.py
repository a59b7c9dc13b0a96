"""The tables of prices."""

from app.pricing.models.coupons import Coupon, CouponCustomer, CouponUse
from app.pricing.models.shipping import EVERYWHERE_ELSE, ShippingPlace, ShippingRate, ShippingZone
from app.pricing.models.taxes import STANDARD, TaxRate, TaxZone

__all__ = [
    "EVERYWHERE_ELSE",
    "STANDARD",
    "Coupon",
    "CouponCustomer",
    "CouponUse",
    "ShippingPlace",
    "ShippingRate",
    "ShippingZone",
    "TaxRate",
    "TaxZone",
]
