"""Carts: filling and tending them, handing them over to checkout, merging a guest's into a user's."""

from app.carts.services.checkout import (
    CheckoutCart,
    CheckoutLine,
    lock_for_checkout,
    remove_bought,
    remove_units,
)
from app.carts.services.couponing import put_coupon, remove_coupon
from app.carts.services.currencies import put_currency
from app.carts.services.filling import add, change, clear, remove, welcome
from app.carts.services.merging import merge, merged
from app.carts.services.reordering import Reordered, reorder
from app.carts.services.tending import LeftCart, Tended, left_behind, tend

__all__ = [
    "CheckoutCart",
    "CheckoutLine",
    "LeftCart",
    "Reordered",
    "Tended",
    "add",
    "change",
    "clear",
    "left_behind",
    "lock_for_checkout",
    "merge",
    "merged",
    "put_coupon",
    "put_currency",
    "remove",
    "remove_bought",
    "remove_coupon",
    "remove_units",
    "reorder",
    "tend",
    "welcome",
]
