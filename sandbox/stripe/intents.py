"""PaymentIntent objects: how they begin, and what may be changed about them."""

import re

from sandbox.stripe import clock, events
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.errors import malformed
from sandbox.stripe.fields import check_email, merged_metadata
from sandbox.stripe.ids import new_id, new_token
from sandbox.stripe.money import refuse_fractions

# The smallest charge in minor units; other currencies have no documented minimum.
MINIMUM_AMOUNTS = {
    "usd": 50, "eur": 50, "gbp": 30, "cad": 50, "aud": 50, "nzd": 50, "chf": 50, "sgd": 50, "brl": 50,
    "inr": 50, "jpy": 50, "dkk": 250, "nok": 300, "sek": 300, "pln": 200, "ron": 200, "aed": 200,
    "myr": 200, "hkd": 400, "mxn": 1000, "thb": 1000, "czk": 1500, "huf": 17500,
}  # fmt: skip
LARGEST_AMOUNT = 99_999_999
COPIED = (
    "customer",
    "description",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)
ABSENT = (
    "application", "application_fee_amount", "canceled_at", "cancellation_reason",
    "customer_account", "excluded_payment_method_types", "last_payment_error", "latest_charge",
    "next_action", "on_behalf_of", "payment_method", "payment_method_configuration_details", "processing",
    "review", "source", "transfer_data",
)  # fmt: skip


def new_intent(params: Json) -> Json:
    """An intent that nothing has happened to yet. Raises Refusal for parameters that do not go together."""
    identity = new_id("pi")
    intent: Json = {
        **dict.fromkeys(ABSENT + COPIED),
        "id": identity,
        "object": "payment_intent",
        "amount": params["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": f"{identity}_secret_{new_token(25)}",
        "confirmation_method": "automatic",
        "created": clock.timestamp(),
        "currency": params["currency"],
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": {},
        "payment_method_options": {},
        "status": "requires_payment_method",
    }
    change(intent, params)
    return intent | accepted_types(params, intent["currency"])


def change(intent: Json, params: Json) -> None:
    """Take over what may be changed, checked; an empty value unsets, and metadata is merged by key."""
    check_email(params.get("receipt_email"), "receipt_email")
    intent |= {name: params[name] or None for name in COPIED if name in params}
    intent["amount"] = params.get("amount", intent["amount"])
    intent["currency"] = str(params.get("currency", intent["currency"])).lower()
    intent["metadata"] = merged_metadata(intent["metadata"], params.get("metadata", {}))
    intent["last_payment_error"] = None
    _check_amount(intent["amount"], intent["currency"])


def accepted_types(params: Json, currency: str) -> Json:
    """The fields of an intent that tell how it can be paid. Raises Refusal when nothing is left."""
    enabled = ["card", "us_bank_account"] if currency == "usd" else ["card"]
    allowed = params.get("allowed_payment_method_types")
    automatic = params.get("automatic_payment_methods")
    if allowed is not None and automatic is not None:
        message = "Give allowed_payment_method_types or automatic_payment_methods, not both."
        raise malformed(message, param="allowed_payment_method_types")
    types = [kind for kind in enabled if allowed is None or kind in allowed]
    if not types:
        raise malformed("No allowed payment method type can be used.", param="allowed_payment_method_types")
    chosen = {"allow_redirects": "always", "enabled": True, **(automatic or {})}
    return {
        "allowed_payment_method_types": allowed,
        "automatic_payment_methods": chosen if allowed is None else None,
        "payment_method_types": types,
    }


def _check_amount(amount: int, currency: str) -> None:
    if not re.fullmatch("[a-z]{3}", currency):
        raise malformed(f"Invalid currency: {currency}", param="currency")
    if amount < 1:
        raise malformed("This value must be greater than or equal to 1.", param="amount")
    refuse_fractions(amount, currency, param="amount")
    smallest = MINIMUM_AMOUNTS.get(currency, 1)
    if amount < smallest:
        message = f"The amount must be at least {smallest} in the smallest unit of {currency}."
        raise malformed(message, code="amount_too_small", param="amount")
    if amount > LARGEST_AMOUNT:
        raise malformed(
            f"The amount must be at most {LARGEST_AMOUNT}.", code="amount_too_large", param="amount"
        )


def cancel(ledger: Ledger, intent: Json, reason: str | None) -> None:
    """End an unpaid intent for good."""
    intent |= {"status": "canceled", "canceled_at": clock.timestamp(), "cancellation_reason": reason}
    intent["next_action"] = None
    ledger.save(intent)
    events.record(ledger, "payment_intent.canceled", intent)
