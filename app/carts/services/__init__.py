"""Carts: filling them, handing them over to checkout, and merging a guest's into a user's."""

from app.carts.services.checkout import (
    CheckoutCart,
    CheckoutLine,
    lock_for_checkout,
    remove_bought,
    remove_units,
)
from app.carts.services.filling import add, change, clear, remove, welcome
from app.carts.services.merging import merge, merged

__all__ = [
    "CheckoutCart",
    "CheckoutLine",
    "add",
    "change",
    "clear",
    "lock_for_checkout",
    "merge",
    "merged",
    "remove",
    "remove_bought",
    "remove_units",
    "welcome",
]
