"""Why money goes back: what operators may say, and what that is called at the provider."""

from app.payments.states import SURPLUS

ASKED_FOR = ("requested_by_customer", "duplicate", "fraudulent", "other")
"""What an operator chooses from. Any other reason is the shop's own: the money is not ours to keep."""

CALLED_OFF, UNAVAILABLE, RETURNED = "cancelled", "unavailable", "returned"
"""The order was cancelled before the money came or after; its stock was gone; what was bought came back."""

PROVIDERS_WORD = {
    "requested_by_customer": "requested_by_customer",
    RETURNED: "requested_by_customer",
    CALLED_OFF: "requested_by_customer",
    "duplicate": "duplicate",
    SURPLUS: "duplicate",
    "fraudulent": "fraudulent",
}
"""Stripe's list is closed: the others go without. Its `fraudulent` bars card and address from then on."""
