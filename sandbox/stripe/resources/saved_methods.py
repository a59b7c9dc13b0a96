"""Payment methods and their customers: attached, listed, changed, detached."""

import json

from stripe.params import (
    PaymentMethodAttachParams,
    PaymentMethodDetachParams,
    PaymentMethodListParams,
    PaymentMethodUpdateParams,
)

from sandbox.stripe import events, listing
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.calls import Call, Endpoint
from sandbox.stripe.errors import Refusal, invalid, malformed
from sandbox.stripe.fields import merged_metadata
from sandbox.stripe.resources import payment_methods

KIND = "payment_method"
# Set on a method that paid without a customer, or lost the one it had: it can never be used again.
SPENT = "spent"


def attach(call: Call, wanted: str) -> Json:
    """Save a method, or a fresh one of a test name, for a customer. Raises Refusal 402 when declined."""
    if "customer" not in call.params:
        raise malformed("Missing required param: customer.", code="parameter_missing", param="customer")
    return join(call.ledger, wanted, call.params["customer"], param="id")


def detach(call: Call, wanted: str) -> Json:
    """Take a method from its customer for good."""
    method = call.ledger.find(wanted, KIND)
    if method["customer"] is None:
        raise invalid("This payment method is not attached to a customer, so it cannot be detached.")
    _forget_default(call.ledger, method)
    part(call.ledger, method)
    return method


def listed(call: Call) -> Json:
    """Payment methods, newest first, by customer and type if wanted."""
    chosen = listing.chosen(call.params, "customer", "type", "allow_redisplay")
    return listing.page(call.ledger, KIND, "/v1/payment_methods", call.params, fields=chosen)


def update(call: Call, wanted: str) -> Json:
    """Change the contact, expiry or metadata of a saved method."""
    method = call.ledger.find(wanted, KIND)
    if method["customer"] is None:
        raise invalid("A payment method must be attached to a customer before it can be changed.")
    if "card" in call.params and "card" not in method:
        raise invalid("This payment method is no card.", param="card")
    payment_methods.change(method, call.params)
    method["metadata"] = merged_metadata(method["metadata"], call.params.get("metadata", {}))
    call.ledger.save(method)
    events.record(call.ledger, "payment_method.updated", method)
    return method


def join(ledger: Ledger, wanted: str, customer_id: str, *, param: str) -> Json:
    """Attach a method, or a fresh one of a test name, to a customer; nothing happens when it is already."""
    method = payment_methods.resolve(ledger, wanted, param=param)
    ledger.find(customer_id, "customer", param="customer")
    if method["customer"] == customer_id:
        return method
    if method["customer"]:
        raise invalid("The payment method you provided has already been attached to a customer.")
    check_unspent(ledger, method)
    decline = payment_methods.test_data(method).decline_when_saved
    if decline:
        raise Refusal(
            402, "card_error", decline.message, code=decline.code, decline_code=decline.decline_code
        )
    keep(ledger, method, customer_id)
    return method


def keep(ledger: Ledger, method: Json, customer_id: str) -> None:
    """Record that a method belongs to a customer now."""
    method["customer"] = customer_id
    if "card" in method:
        method["card"]["checks"]["cvc_check"] = "pass"
    ledger.save(method)
    events.record(ledger, "payment_method.attached", method)


def part(ledger: Ledger, method: Json) -> None:
    """Record that a method belongs to nobody any more."""
    previous = {"customer": method["customer"]}
    method["customer"] = None
    ledger.save(method)
    ledger.mark(method["id"], SPENT)
    events.record(ledger, "payment_method.detached", method, previous=previous)


def check_unspent(ledger: Ledger, method: Json) -> None:
    """Raise Refusal for a method that paid without a customer, or was detached from one."""
    if ledger.marked(method["id"], SPENT):
        message = (
            "This payment method was used without a customer, or was detached from one, and may not be used"
            " again. To use a method several times, attach it to a customer first."
        )
        raise invalid(message, param="payment_method")


def of_customer(ledger: Ledger, customer_id: str) -> list[Json]:
    """All methods that belong to a customer."""
    statement = "SELECT body FROM objects WHERE kind = ? AND json_extract(body, '$.customer') = ?"
    return [json.loads(row["body"]) for row in ledger.execute(statement, (KIND, customer_id))]


def _forget_default(ledger: Ledger, method: Json) -> None:
    customer = ledger.find(method["customer"], "customer")
    if customer["invoice_settings"]["default_payment_method"] == method["id"]:
        customer["invoice_settings"]["default_payment_method"] = None
        ledger.save(customer)


PATH = "/v1/payment_methods"
ONE = f"{PATH}/<wanted>"
FILTERS = frozenset(
    {"customer", "type", "allow_redisplay", "limit", "starting_after", "ending_before", "expand"}
)
CHANGEABLE = frozenset({"allow_redisplay", "billing_details", "card", "expand", "metadata"})
EXPAND = frozenset({"expand"})
ENDPOINTS = [
    Endpoint("GET", PATH, listed, PaymentMethodListParams, FILTERS),
    Endpoint("POST", ONE, update, PaymentMethodUpdateParams, CHANGEABLE),
    Endpoint("POST", f"{ONE}/attach", attach, PaymentMethodAttachParams, EXPAND | {"customer"}),
    Endpoint("POST", f"{ONE}/detach", detach, PaymentMethodDetachParams, EXPAND),
]
