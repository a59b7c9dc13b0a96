from stripe.params import (
    CustomerCreateParams,
    CustomerDeleteParams,
    CustomerListParams,
    CustomerListPaymentMethodsParams,
    CustomerRetrieveParams,
    CustomerRetrievePaymentMethodParams,
    CustomerSearchParams,
    CustomerUpdateParams,
)

from sandbox.stripe import clock, events, listing, searching
from sandbox.stripe.books import Json
from sandbox.stripe.calls import Call, Endpoint
from sandbox.stripe.errors import Refusal, missing
from sandbox.stripe.fields import ADDRESS, check_email, merged_metadata
from sandbox.stripe.ids import new_id, new_token
from sandbox.stripe.resources import saved_methods

KIND = "customer"
COPIED = ("description", "email", "name", "phone", "shipping")
ABSENT = ("currency", "default_source", "discount", "test_clock")


def create(call: Call) -> Json:
    """A new customer; a payment method that is given is attached, but not made the default."""
    customer: Json = {
        **dict.fromkeys(COPIED + ABSENT),
        "id": new_id("cus"),
        "object": KIND,
        "address": None,
        "balance": 0,
        "created": clock.timestamp(),
        "delinquent": False,
        "invoice_prefix": new_token(8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
    }
    call.ledger.add(customer)
    if "payment_method" in call.params:
        saved_methods.join(call.ledger, call.params["payment_method"], customer["id"], param="payment_method")
    _change(call, customer)
    call.ledger.save(customer)
    events.record(call.ledger, "customer.created", customer)
    return customer


def retrieve(call: Call, wanted: str) -> Json:
    """One customer; of a deleted one its id and the word that it is deleted."""
    return _existing_or_deleted(call, wanted)


def update(call: Call, wanted: str) -> Json:
    """Change what is given; an empty value unsets, and metadata is merged by key."""
    customer = call.ledger.find(wanted, KIND)
    before = dict(customer)
    _change(call, customer)
    call.ledger.save(customer)
    previous = {name: value for name, value in before.items() if customer[name] != value}
    events.record(call.ledger, "customer.updated", customer, previous=previous)
    return customer


def delete(call: Call, wanted: str) -> Json:
    """End a customer for good; its payment methods cannot be used any more."""
    customer = call.ledger.find(wanted, KIND)
    for method in saved_methods.of_customer(call.ledger, wanted):
        saved_methods.part(call.ledger, method)
    events.record(call.ledger, "customer.deleted", customer)
    return call.ledger.retire(customer)


def listed(call: Call) -> Json:
    """Customers, newest first, with one e-mail address if wanted."""
    chosen = listing.chosen(call.params, "email")
    return listing.page(call.ledger, KIND, "/v1/customers", call.params, fields=chosen)


def search(call: Call) -> Json:
    """Customers that a search finds."""
    return searching.page(call.ledger, KIND, "/v1/customers/search", call.params)


def list_methods(call: Call, wanted: str) -> Json:
    """The payment methods of one customer, newest first."""
    call.ledger.find(wanted, KIND)
    chosen = listing.chosen(call.params, "type", "allow_redisplay") | {"customer": wanted}
    url = f"/v1/customers/{wanted}/payment_methods"
    return listing.page(call.ledger, "payment_method", url, call.params, fields=chosen)


def retrieve_method(call: Call, wanted: str, method: str) -> Json:
    """One payment method of one customer."""
    found = call.ledger.find(method, "payment_method")
    if found["customer"] != wanted:
        raise missing("payment_method", method)
    return found


def _change(call: Call, customer: Json) -> None:
    params = call.params
    check_email(params.get("email"), "email")
    customer |= {name: params[name] or None for name in COPIED if name in params}
    if "address" in params:
        customer["address"] = {**ADDRESS, **params["address"]} if params["address"] else None
    customer["preferred_locales"] = params.get("preferred_locales") or customer["preferred_locales"]
    customer["metadata"] = merged_metadata(customer["metadata"], params.get("metadata", {}))
    settings = params.get("invoice_settings", {})
    _check_default(call, customer["id"], settings.get("default_payment_method"))
    given = {name: value or None for name, value in settings.items()}
    customer["invoice_settings"] = customer["invoice_settings"] | given


def _check_default(call: Call, customer_id: str, method_id: str | None) -> None:
    if not method_id:
        return
    param = "invoice_settings[default_payment_method]"
    method = call.ledger.find(method_id, "payment_method", param=param)
    if method["customer"] != customer_id:
        message = f"The payment method {method_id} must be attached to the customer first."
        raise Refusal(400, "invalid_request_error", message, code="resource_missing", param=param)


def _existing_or_deleted(call: Call, wanted: str) -> Json:
    try:
        return call.ledger.find(wanted, KIND)
    except Refusal:
        return call.ledger.find(wanted, f"deleted_{KIND}")


CHANGEABLE = frozenset({*COPIED, "address", "expand", "invoice_settings", "metadata", "preferred_locales"})
PATH = "/v1/customers"
ONE = f"{PATH}/<wanted>"
METHODS = f"{ONE}/payment_methods"
METHOD_FILTERS = frozenset({"type", "allow_redisplay", "limit", "starting_after", "ending_before", "expand"})
EXPAND = frozenset({"expand"})
ENDPOINTS = [
    Endpoint("POST", PATH, create, CustomerCreateParams, CHANGEABLE | {"payment_method"}),
    Endpoint("GET", PATH, listed, CustomerListParams, listing.PARAMETERS | {"email"}),
    Endpoint("GET", f"{PATH}/search", search, CustomerSearchParams, searching.PARAMETERS),
    Endpoint("GET", ONE, retrieve, CustomerRetrieveParams, EXPAND),
    Endpoint("POST", ONE, update, CustomerUpdateParams, CHANGEABLE),
    Endpoint("DELETE", ONE, delete, CustomerDeleteParams, frozenset()),
    Endpoint("GET", METHODS, list_methods, CustomerListPaymentMethodsParams, METHOD_FILTERS),
    Endpoint("GET", f"{METHODS}/<method>", retrieve_method, CustomerRetrievePaymentMethodParams, EXPAND),
]
