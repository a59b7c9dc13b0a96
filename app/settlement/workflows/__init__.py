"""Settling with calls to the provider between short transactions."""

from app.settlement.workflows.closing import close_payment
from app.settlement.workflows.observing import confirm_payment
from app.settlement.workflows.receiving import process_event
from app.settlement.workflows.refunding import send_refund
from app.settlement.workflows.replacing import attempt_now, replace_payment
from app.settlement.workflows.resolving import Decision, ask, carry_out, prepare, refund_review

__all__ = [
    "Decision",
    "ask",
    "attempt_now",
    "carry_out",
    "close_payment",
    "confirm_payment",
    "prepare",
    "process_event",
    "refund_review",
    "replace_payment",
    "send_refund",
]
