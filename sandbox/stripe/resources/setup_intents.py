from stripe.params import (
    SetupIntentCancelParams,
    SetupIntentConfirmParams,
    SetupIntentCreateParams,
    SetupIntentListParams,
    SetupIntentRetrieveParams,
    SetupIntentUpdateParams,
)

from sandbox.stripe import events, listing, setups
from sandbox.stripe.books import Json
from sandbox.stripe.calls import Call, Endpoint
from sandbox.stripe.errors import invalid, malformed
from sandbox.stripe.fields import merged_metadata
from sandbox.stripe.resources import payment_methods
from sandbox.stripe.setups import KIND

UNFINISHED = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(call: Call) -> Json:
    """A new setup, confirmed at once if wanted."""
    if "return_url" in call.params and not call.params.get("confirm"):
        raise malformed("return_url goes with confirm only.", param="return_url")
    _check_customer(call)
    setup = setups.new_setup(call.params)
    call.ledger.add(setup)
    events.record(call.ledger, "setup_intent.created", setup)
    _choose_method(call, setup)
    if call.params.get("confirm"):
        _attempt(call, setup)
    return setup


def retrieve(call: Call, wanted: str) -> Json:
    """One setup; the client secret, if given, must be its own."""
    return _find(call, wanted)


def listed(call: Call) -> Json:
    """Setups, newest first, of one customer or payment method if wanted."""
    chosen = listing.chosen(call.params, "customer", "payment_method")
    return listing.page(call.ledger, KIND, PATH, call.params, fields=chosen)


def update(call: Call, wanted: str) -> Json:
    """Change an unfinished setup."""
    setup = _unfinished(call, wanted, "update")
    _check_customer(call)
    setup |= {name: call.params[name] or None for name in ("customer", "description") if name in call.params}
    setup["metadata"] = merged_metadata(setup["metadata"], call.params.get("metadata", {}))
    call.ledger.save(setup)
    _choose_method(call, setup)
    return setup


def confirm(call: Call, wanted: str) -> Json:
    """Try to make the payment method ready. Raises Refusal 402 when it is declined."""
    setup = _unfinished(call, wanted, "confirm")
    _choose_method(call, setup)
    _attempt(call, setup)
    return setup


def cancel(call: Call, wanted: str) -> Json:
    """End an unfinished setup for good."""
    setup = _unfinished(call, wanted, "cancel")
    setups.cancel(call.ledger, setup, call.params.get("cancellation_reason"))
    return setup


def _find(call: Call, wanted: str) -> Json:
    setup = call.ledger.find(wanted, KIND)
    if call.params.get("client_secret", setup["client_secret"]) != setup["client_secret"]:
        raise invalid("The client_secret belongs to no such SetupIntent.", param="client_secret")
    return setup


def _unfinished(call: Call, wanted: str, verb: str) -> Json:
    setup = _find(call, wanted)
    if setup["status"] not in UNFINISHED:
        message = f"You cannot {verb} this SetupIntent: its status is {setup['status']}."
        raise invalid(message, code="setup_intent_unexpected_state", setup_intent=setup)
    return setup


def _check_customer(call: Call) -> None:
    if call.params.get("customer"):
        call.ledger.find(call.params["customer"], "customer", param="customer")


def _choose_method(call: Call, setup: Json) -> None:
    if "payment_method" in call.params:
        method = payment_methods.resolve(call.ledger, call.params["payment_method"])
        setup |= {"payment_method": method["id"], "status": "requires_confirmation", "next_action": None}
        call.ledger.save(setup)


def _attempt(call: Call, setup: Json) -> None:
    if setup["payment_method"] is None:
        message = "You cannot confirm this SetupIntent: it has no payment method."
        raise invalid(message, code="setup_intent_unexpected_state", setup_intent=setup)
    setups.attempt(call, setup, call.ledger.find(setup["payment_method"], "payment_method"))


PATH = "/v1/setup_intents"
ONE = f"{PATH}/<wanted>"
SECRET = frozenset({"client_secret", "expand"})
CHANGEABLE = frozenset({"customer", "description", "metadata", "payment_method", "expand"})
TYPES = frozenset({"allowed_payment_method_types", "automatic_payment_methods"})
CREATE = CHANGEABLE | TYPES | {"confirm", "return_url", "usage"}
CONFIRM = SECRET | {"payment_method", "return_url"}
FILTERS = listing.PARAMETERS | {"customer", "payment_method"}
DROPPED = {"payment_method_types": "payment_method_types_no_longer_supported"}
ENDPOINTS = [
    Endpoint("POST", PATH, create, SetupIntentCreateParams, CREATE, dropped=DROPPED),
    Endpoint("GET", PATH, listed, SetupIntentListParams, FILTERS),
    Endpoint("GET", ONE, retrieve, SetupIntentRetrieveParams, SECRET, publishable=True),
    Endpoint("POST", ONE, update, SetupIntentUpdateParams, CHANGEABLE, dropped=DROPPED),
    Endpoint(
        "POST",
        f"{ONE}/confirm",
        confirm,
        SetupIntentConfirmParams,
        CONFIRM,
        extra={"client_secret": str},
        dropped=DROPPED,
        publishable=True,
    ),
    Endpoint(
        "POST", f"{ONE}/cancel", cancel, SetupIntentCancelParams, frozenset({"cancellation_reason", "expand"})
    ),
]
