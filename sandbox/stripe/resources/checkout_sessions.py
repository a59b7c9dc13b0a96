from stripe.params.checkout import (
    SessionCreateParams,
    SessionExpireParams,
    SessionListLineItemsParams,
    SessionListParams,
    SessionRetrieveParams,
)

from sandbox.stripe import appointments, clock, intents, line_items, listing, sessions
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.calls import Call, Endpoint
from sandbox.stripe.errors import malformed
from sandbox.stripe.fields import check_email
from sandbox.stripe.parameters import refuse_unmodelled
from sandbox.stripe.sessions import KIND

INTENT_DATA = frozenset(
    {
        "description",
        "metadata",
        "receipt_email",
        "shipping",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_group",
    }
)


def create(call: Call) -> Json:
    """A new open session; it expires by itself."""
    params = call.params
    if params.get("mode") != "payment":
        raise malformed(
            "The stand-in models sessions of mode payment only.", code="not_modelled", param="mode"
        )
    if params.get("adaptive_pricing", {}).get("enabled"):
        raise malformed(
            "The stand-in models no adaptive pricing.", code="not_modelled", param="adaptive_pricing"
        )
    customer = _customer(call)
    items = line_items.new_items(params.get("line_items", []))
    total = sum(item["amount_total"] for item in items)
    wanted = _wanted_intent(params, total, items[0]["currency"])
    # A draft that is never entered: it tells now what would be wrong with the intent later.
    draft = intents.new_intent(wanted if total else {**wanted, "amount": intents.LARGEST_AMOUNT})
    session = sessions.new_session(params, customer=customer, total=total, draft=draft, address=call.address)
    call.ledger.add(session)
    _keep_beside(call.ledger, session, wanted, items)
    appointments.make(
        call.ledger, sessions.EXPIRE, session["id"], seconds=session["expires_at"] - clock.now()
    )
    return session


def retrieve(call: Call, wanted: str) -> Json:
    """One session."""
    return call.ledger.find(wanted, KIND)


def listed(call: Call) -> Json:
    """Sessions, newest first, of one customer or intent or with one status if wanted."""
    chosen = listing.chosen(call.params, "customer", "payment_intent", "status")
    return listing.page(call.ledger, KIND, PATH, call.params, fields=chosen)


def expire(call: Call, wanted: str) -> Json:
    """End an open session, so that nobody can pay it any more."""
    session = call.ledger.find(wanted, KIND)
    sessions.expire(call.ledger, session)
    return session


def items_listed(call: Call, wanted: str) -> Json:
    """What a session sells, in the order given."""
    call.ledger.find(wanted, KIND)
    return listing.line_items(call.ledger, wanted, call.params)


def _customer(call: Call) -> Json | None:
    params = call.params
    check_email(params.get("customer_email"), param="customer_email")
    if "customer" not in params:
        return None
    if "customer_email" in params:
        message = "You may only specify one of these parameters: customer, customer_email."
        raise malformed(message, code="parameters_exclusive", param="customer")
    return call.ledger.find(params["customer"], "customer", param="customer")


def _wanted_intent(params: Json, total: int, currency: str) -> Json:
    data = params.get("payment_intent_data", {})
    # Without a customer Stripe would make one, to save the method for.
    modelled = INTENT_DATA | ({"setup_future_usage"} if "customer" in params else set())
    refuse_unmodelled(data, modelled, "payment_intent_data")
    passed_on = ("allowed_payment_method_types", "customer")
    given = {name: params[name] for name in passed_on if name in params}
    return {**data, **given, "amount": total, "currency": currency}


def _keep_beside(ledger: Ledger, session: Json, wanted: Json, items: list[Json]) -> None:
    """Enter what Stripe does not show in a session: what its intent will be like, and its items."""
    plan = {"id": f"{session['id']}_intent", "object": sessions.PLAN, "created": session["created"]}
    ledger.add({**plan, "params": wanted})
    for item in reversed(items):  # lists show first what was entered last
        ledger.add(item, subject=session["id"])


PATH = "/v1/checkout/sessions"
ONE = "/v1/checkout/sessions/<wanted>"
CREATE = frozenset(
    {
        "adaptive_pricing",
        "allowed_payment_method_types",
        "cancel_url",
        "client_reference_id",
        "customer",
        "customer_email",
        "expand",
        "expires_at",
        "line_items",
        "metadata",
        "mode",
        "payment_intent_data",
        "success_url",
    }
)
LIST = listing.PARAMETERS | {"customer", "payment_intent", "status"}
EXPAND = frozenset({"expand"})
DROPPED = {"payment_method_types": "payment_method_types_no_longer_supported"}
ENDPOINTS = [
    Endpoint("POST", PATH, create, SessionCreateParams, CREATE, dropped=DROPPED),
    Endpoint("GET", PATH, listed, SessionListParams, LIST),
    Endpoint("GET", ONE, retrieve, SessionRetrieveParams, EXPAND),
    Endpoint("POST", f"{ONE}/expire", expire, SessionExpireParams, EXPAND),
    Endpoint(
        "GET",
        f"{ONE}/line_items",
        items_listed,
        SessionListLineItemsParams,
        listing.PARAMETERS - {"created"},
    ),
]
