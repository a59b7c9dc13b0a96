from stripe.params import (
    PaymentIntentCancelParams,
    PaymentIntentCaptureParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    PaymentIntentListParams,
    PaymentIntentRetrieveParams,
    PaymentIntentSearchParams,
    PaymentIntentUpdateParams,
)

from sandbox.stripe import captures, events, intents, listing, payments, searching, sessions
from sandbox.stripe.books import Json
from sandbox.stripe.calls import Call, Endpoint
from sandbox.stripe.errors import Refusal, invalid, malformed
from sandbox.stripe.resources import payment_methods

KIND = "payment_intent"
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = (*CONFIRMABLE, "requires_capture", "processing")
DROPPED = {"payment_method_types": "payment_method_types_no_longer_supported"}


def create(call: Call) -> Json:
    """A new intent, confirmed at once if wanted."""
    for param in {"off_session", "return_url"} & call.params.keys():
        if not call.params.get("confirm"):
            raise malformed(f"{param} goes with confirm only.", param=param)
    intent = intents.new_intent(call.params)
    _check_customer(call)
    call.ledger.add(intent)
    events.record(call.ledger, "payment_intent.created", intent)
    if "payment_method" in call.params:
        _choose_method(call, intent)
    if call.params.get("confirm"):
        _confirm(call, intent)
    return intent


def retrieve(call: Call, wanted: str) -> Json:
    """One intent; the client secret, if given, must be its own."""
    return _find(call, wanted)


def listed(call: Call) -> Json:
    """Intents, newest first, of one customer if wanted."""
    chosen = listing.chosen(call.params, "customer")
    return listing.page(call.ledger, KIND, PATH, call.params, fields=chosen)


def search(call: Call) -> Json:
    """Intents that a search finds."""
    return searching.page(call.ledger, KIND, f"{PATH}/search", call.params)


def update(call: Call, wanted: str) -> Json:
    """Change an intent; what it costs, and how it is paid, only while it is unpaid."""
    intent = _find(call, wanted)
    decisive = {"amount", "customer", "payment_method"} & call.params.keys()
    if decisive:
        _check_status(intent, CONFIRMABLE, f"change the {', '.join(sorted(decisive))} of")
    _check_customer(call)
    intents.change(intent, call.params)
    call.ledger.save(intent)
    if "payment_method" in call.params:
        _choose_method(call, intent)
    return intent


def confirm(call: Call, wanted: str) -> Json:
    """Attempt the payment, as far as it goes without its buyer. Raises Refusal 402 for a declined card."""
    intent = _find(call, wanted)
    _check_status(intent, CONFIRMABLE, "confirm")
    intents.change(intent, call.params)
    if "payment_method" in call.params:
        _choose_method(call, intent)
    _confirm(call, intent)
    return intent


def capture(call: Call, wanted: str) -> Json:
    """Take money that is held, all of it or less; what is left is given back."""
    intent = _find(call, wanted)
    _check_status(intent, ("requires_capture",), "capture")
    intents.change(intent, call.params)
    captures.capture(call.ledger, intent, call.params.get("amount_to_capture"))
    return intent


def cancel(call: Call, wanted: str) -> Json:
    """End an unpaid intent for good; that of a Checkout Session ends with its session only."""
    intent = _find(call, wanted)
    _check_status(intent, CANCELABLE, "cancel")
    if sessions.of_intent(call.ledger, intent["id"]):
        message = "You cannot cancel the PaymentIntent of a Checkout Session. Expire the session instead."
        raise _unexpected(intent, message)
    if intent["status"] == "requires_capture":
        captures.let_go(call.ledger, intent)
    intents.cancel(call.ledger, intent, call.params.get("cancellation_reason"))
    return intent


def _find(call: Call, wanted: str) -> Json:
    intent = call.ledger.find(wanted, KIND)
    if call.params.get("client_secret", intent["client_secret"]) != intent["client_secret"]:
        raise invalid("The client_secret belongs to no such PaymentIntent.", param="client_secret")
    return intent


def _check_customer(call: Call) -> None:
    if call.params.get("customer"):
        call.ledger.find(call.params["customer"], "customer", param="customer")


def _choose_method(call: Call, intent: Json) -> None:
    method = payment_methods.resolve(call.ledger, call.params["payment_method"])
    intent |= {"payment_method": method["id"], "status": "requires_confirmation", "next_action": None}
    call.ledger.save(intent)


def _confirm(call: Call, intent: Json) -> None:
    if intent["payment_method"] is None:
        raise _unexpected(intent, "You cannot confirm this PaymentIntent: it has no payment method.")
    method = call.ledger.find(intent["payment_method"], "payment_method")
    payments.attempt(call, intent, method, away=bool(call.params.get("off_session")))


def _check_status(intent: Json, allowed: tuple[str, ...], verb: str) -> None:
    if intent["status"] not in allowed:
        expected = ", ".join(allowed)
        message = (
            f"You cannot {verb} this PaymentIntent: its status is {intent['status']}, not one of {expected}."
        )
        raise _unexpected(intent, message)


def _unexpected(intent: Json, message: str) -> Refusal:
    return invalid(message, code="payment_intent_unexpected_state", payment_intent=intent)


CHANGEABLE = frozenset(
    {
        "amount",
        "customer",
        "description",
        "expand",
        "metadata",
        "payment_method",
        "receipt_email",
        "setup_future_usage",
        "shipping",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_group",
    }
)
CREATE = CHANGEABLE | {
    "allowed_payment_method_types",
    "automatic_payment_methods",
    "capture_method",
    "confirm",
    "currency",
    "off_session",
    "return_url",
}
CONFIRM = frozenset(
    {
        "off_session",
        "payment_method",
        "receipt_email",
        "return_url",
        "setup_future_usage",
        "shipping",
        "expand",
    }
)
CAPTURE = frozenset(
    {"amount_to_capture", "metadata", "statement_descriptor", "statement_descriptor_suffix", "expand"}
)
LIST = listing.PARAMETERS | {"customer"}
PATH = "/v1/payment_intents"
ONE = "/v1/payment_intents/<wanted>"
ENDPOINTS = [
    Endpoint("POST", PATH, create, PaymentIntentCreateParams, CREATE, dropped=DROPPED),
    Endpoint("GET", PATH, listed, PaymentIntentListParams, LIST),
    Endpoint("GET", f"{PATH}/search", search, PaymentIntentSearchParams, searching.PARAMETERS),
    Endpoint(
        "GET",
        ONE,
        retrieve,
        PaymentIntentRetrieveParams,
        frozenset({"client_secret", "expand"}),
        publishable=True,
    ),
    Endpoint("POST", ONE, update, PaymentIntentUpdateParams, CHANGEABLE, dropped=DROPPED),
    Endpoint(
        "POST",
        f"{ONE}/confirm",
        confirm,
        PaymentIntentConfirmParams,
        CONFIRM | {"client_secret"},
        extra={"client_secret": str},
        dropped=DROPPED,
        publishable=True,
    ),
    Endpoint("POST", f"{ONE}/capture", capture, PaymentIntentCaptureParams, CAPTURE),
    Endpoint(
        "POST",
        f"{ONE}/cancel",
        cancel,
        PaymentIntentCancelParams,
        frozenset({"cancellation_reason", "expand"}),
    ),
]
