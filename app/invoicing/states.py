"""Words that documents are told apart by."""

INVOICE, CREDIT_NOTE = "invoice", "credit_note"
KINDS = (INVOICE, CREDIT_NOTE)

BESIDE_THE_INVOICE = ("surplus", "overpaid", "review")
"""Reasons of refunds that give back what was paid beyond the invoice: nothing in it is taken back."""
