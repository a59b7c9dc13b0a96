"""Settling with calls to the provider between short transactions."""

from app.settlement.workflows.closing import close_payment
from app.settlement.workflows.observing import confirm_payment
from app.settlement.workflows.receiving import process_event
from app.settlement.workflows.refunding import send_refund
from app.settlement.workflows.replacing import attempt_now, replace_payment

__all__ = [
    "attempt_now",
    "close_payment",
    "confirm_payment",
    "process_event",
    "replace_payment",
    "send_refund",
]
