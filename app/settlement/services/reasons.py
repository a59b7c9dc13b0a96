"""Why money goes back: what operators may say, and what that is called at the provider."""

ASKED_FOR = ("requested_by_customer", "duplicate", "fraudulent", "other")
"""What an operator chooses from. Any other reason is the shop's own: the money is not ours to keep."""

OVERPAID = "overpaid"
"""What came beyond the total, when an operator accepted the rest."""

BESIDE = "review"
"""What an object took that was in review: it was never the order's."""

RETURNED = "returned"
"""What was paid for goods that came back."""

PROVIDERS_WORD = {
    "requested_by_customer": "requested_by_customer",
    "returned": "requested_by_customer",
    "cancelled": "requested_by_customer",
    "duplicate": "duplicate",
    "surplus": "duplicate",
    "fraudulent": "fraudulent",
}
"""Stripe's list is closed: the others go without. Its `fraudulent` bars card and address from then on."""
