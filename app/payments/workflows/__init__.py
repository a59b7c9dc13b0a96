"""Asking the provider between short transactions: to open payments, and to save ways to pay."""

from app.payments.workflows.opening import Opened, at_counter, find_made, open_at_counter, open_payment
from app.payments.workflows.saving import begin_to_save, copy_methods, detach_method

__all__ = [
    "Opened",
    "at_counter",
    "begin_to_save",
    "copy_methods",
    "detach_method",
    "find_made",
    "open_at_counter",
    "open_payment",
]
