"""3-D Secure: the bank of a card wants to see its owner before it pays."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sandbox.stripe import events
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.calls import Call
from sandbox.stripe.errors import malformed, missing

PATH = "/3d_secure_2/hosted"
# What the charge of an authenticated card tells.
PROOF: Json = {
    "authentication_flow": "challenge",
    "electronic_commerce_indicator": "05",
    "exemption_indicator": None,
    "result": "authenticated",
    "result_reason": None,
    "transaction_id": "00000000-0000-4000-8000-000000000000",
    "version": "2.2.0",
}
ERROR_FIELDS = {"payment_intent": "last_payment_error", "setup_intent": "last_setup_error"}
FAILURES = {"payment_intent": "payment_intent.payment_failed", "setup_intent": "setup_intent.setup_failed"}
FAILED = (
    "The provided payment method has failed authentication."
    " You can provide another one to attempt this payment again."
)


def demand(call: Call, intent: Json) -> None:
    """Let the intent wait for its buyer, who comes back to the return_url of the call if there is one."""
    intent["next_action"] = _next_action(
        f"{call.address}{PATH}?{urlencode(_secret(intent))}", call.params.get("return_url")
    )
    intent["status"] = "requires_action"
    call.ledger.save(intent)
    events.record(call.ledger, f"{intent['object']}.requires_action", intent)


def find(ledger: Ledger, told: Mapping[str, str]) -> Json:
    """The intent or setup that a page's address names. Raises Refusal when the secret is not its own."""
    kind = "setup_intent" if "setup_intent" in told else "payment_intent"
    wanted = told.get(kind, "")
    intent = ledger.find(wanted, kind)
    if intent["client_secret"] != told.get(f"{kind}_client_secret"):
        raise missing(kind, wanted)
    return intent


def fail(ledger: Ledger, intent: Json) -> None:
    """The buyer could not prove who they are: the intent needs another payment method."""
    kind = intent["object"]
    code = f"{kind}_authentication_failure"
    intent[ERROR_FIELDS[kind]] = {
        "type": "invalid_request_error",
        "code": code,
        "doc_url": f"https://docs.stripe.com/error-codes/{code.replace('_', '-')}",
        "message": FAILED,
        "payment_method": ledger.find(intent["payment_method"], "payment_method"),
    }
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    ledger.save(intent)
    events.record(ledger, FAILURES[kind], intent)


def way_back(next_action: Json, intent: Json) -> str | None:
    """Where the buyer goes after the page, told there how it went; None when nobody said where."""
    if next_action["type"] != "redirect_to_url":
        return None
    parts = urlsplit(next_action["redirect_to_url"]["return_url"])
    told = {
        **_secret(intent),
        "redirect_status": "failed" if intent[ERROR_FIELDS[intent["object"]]] else "succeeded",
    }
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *told.items()])
    return str(urlunsplit(parts._replace(query=query)))


def _secret(intent: Json) -> dict[str, str]:
    """How addresses name an intent or setup."""
    kind = intent["object"]
    return {kind: intent["id"], f"{kind}_client_secret": intent["client_secret"]}


def _next_action(url: str, return_url: str | None) -> Json:
    if return_url is None:
        # In Stripe's browser library the page opens by itself; here its address is at the same place.
        return {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url},
        }
    if not urlsplit(return_url).scheme:
        raise malformed("Not a valid URL", code="url_invalid", param="return_url")
    return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}
