"""What the shop does not keep of the provider's objects: who somebody is, and what opens a payment."""

from collections.abc import Mapping
from typing import Any

UNWANTED = frozenset(
    {
        "address",
        "billing_details",
        "client_secret",
        "customer_address",
        "customer_details",
        "customer_email",
        "customer_name",
        "customer_phone",
        "customer_shipping",
        "email",
        "individual_name",
        "name",
        "owner",
        "phone",
        "receipt_email",
        "receipt_url",
        "shipping",
        "shipping_details",
        "tax_ids",
    }
)
"""Fields of Stripe's objects, wherever they stand (docs.stripe.com/api): nothing of the shop reads them."""


def redacted(content: Any) -> Any:
    """The same JSON without the fields that nobody here needs, at any depth."""
    if isinstance(content, Mapping):
        return {key: redacted(value) for key, value in content.items() if key not in UNWANTED}
    if isinstance(content, list):
        return [redacted(each) for each in content]
    return content
