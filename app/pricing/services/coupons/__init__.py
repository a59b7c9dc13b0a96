"""Coupons: making them, what they take off, and counting their uses like stock. Nothing here commits.

Who locks a coupon has locked the stock before, if any: it is the last lock of all, of several by ascending
id. The rows that count its customers are changed under it only.
"""

from app.pricing.services.coupons.counting import (
    follow_cart,
    leave_cart,
    release_all,
    reserve,
    reserve_again,
    use,
)
from app.pricing.services.coupons.customers import customer_of, forget_customer, known_user
from app.pricing.services.coupons.giving import Applied, Buying, Piece, Tried, apply, attempt, normal
from app.pricing.services.coupons.keeping import change, create

__all__ = [
    "Applied",
    "Buying",
    "Piece",
    "Tried",
    "apply",
    "attempt",
    "change",
    "create",
    "customer_of",
    "follow_cart",
    "forget_customer",
    "known_user",
    "leave_cart",
    "normal",
    "release_all",
    "reserve",
    "reserve_again",
    "use",
]
