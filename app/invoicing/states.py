"""Words that documents are told apart by."""

from app.payments.states import FOUND, NEVER_OURS, OVERPAID

INVOICE, CREDIT_NOTE = "invoice", "credit_note"
KINDS = (INVOICE, CREDIT_NOTE)

NEVER_INVOICED = NEVER_OURS
"""Reasons of refunds of money that was never the order's: whatever else goes back of it was not, either."""
BESIDE_THE_INVOICE = (*NEVER_INVOICED, OVERPAID)
"""Reasons of refunds that give back what was paid beyond the invoice: nothing in it is taken back."""

OF_THE_DASHBOARD = FOUND
"""Reason of refunds that were made at the provider, and of those in their place."""
