"""Rows of payments, of what goes back, of the provider's events, and of what users have saved there."""

from app.payments.models.bank import BankTransfer
from app.payments.models.payments import (
    INBOX_STATES,
    STILL_TOLD,
    Dispute,
    Payment,
    PaymentReview,
    ProviderEvent,
    Refund,
    RefundLine,
)
from app.payments.models.wallets import ProviderCustomer, SavedMethod

__all__ = [
    "INBOX_STATES",
    "STILL_TOLD",
    "BankTransfer",
    "Dispute",
    "Payment",
    "PaymentReview",
    "ProviderCustomer",
    "ProviderEvent",
    "Refund",
    "RefundLine",
    "SavedMethod",
]
