"""SetupIntents: a payment method is made ready for later payments, without paying anything now."""

from sandbox.stripe import authentication, clock, events, ownership
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.calls import Call
from sandbox.stripe.cards import Decline
from sandbox.stripe.errors import Refusal, invalid
from sandbox.stripe.fields import merged_metadata
from sandbox.stripe.ids import new_id, new_token
from sandbox.stripe.intents import accepted_types
from sandbox.stripe.resources import payment_methods

KIND = "setup_intent"
ABSENT = (
    "application", "cancellation_reason", "customer", "description", "excluded_payment_method_types",
    "flow_directions", "last_setup_error", "latest_attempt", "mandate", "next_action", "on_behalf_of",
    "payment_method", "payment_method_configuration_details", "single_use_mandate",
)  # fmt: skip


def new_setup(params: Json) -> Json:
    """A setup that nothing has happened to yet. Raises Refusal for parameters that do not go together."""
    identity = new_id("seti")
    return {
        **dict.fromkeys(ABSENT),
        "id": identity,
        "object": KIND,
        "client_secret": f"{identity}_secret_{new_token(25)}",
        "created": clock.timestamp(),
        "customer": params.get("customer"),
        "description": params.get("description"),
        "livemode": False,
        "metadata": merged_metadata({}, params.get("metadata", {})),
        "payment_method_options": {},
        "status": "requires_payment_method",
        "usage": params.get("usage", "off_session"),
        **accepted_types(params, "usd"),
    }


def attempt(call: Call, setup: Json, method: Json) -> None:
    """Make the method ready, or ask for 3-D Secure first. Raises Refusal 402 when it is declined."""
    if method["type"] not in setup["payment_method_types"]:
        message = f"This SetupIntent does not take payment methods of type {method['type']}."
        raise invalid(message, param="payment_method")
    ownership.check_may_pay(call.ledger, setup, method)
    setup |= {"payment_method": method["id"], "last_setup_error": None, "next_action": None}
    behaviour = payment_methods.test_data(method)
    if behaviour.decline_when_saved:
        raise _refuse(call.ledger, setup, behaviour.decline_when_saved)
    if behaviour.authenticates:
        authentication.demand(call, setup)
    else:
        succeed(call.ledger, setup)


def succeed(ledger: Ledger, setup: Json) -> None:
    """The method is ready, and the customer's if there is one."""
    method = ledger.find(setup["payment_method"], "payment_method")
    ownership.save(ledger, method, setup["customer"], usage=setup["usage"])
    setup |= {"status": "succeeded", "next_action": None}
    ledger.save(setup)
    events.record(ledger, "setup_intent.succeeded", setup)


def cancel(ledger: Ledger, setup: Json, reason: str | None) -> None:
    """End an unfinished setup for good."""
    setup |= {"status": "canceled", "cancellation_reason": reason, "next_action": None}
    ledger.save(setup)
    events.record(ledger, "setup_intent.canceled", setup)


def _refuse(ledger: Ledger, setup: Json, decline: Decline) -> Refusal:
    problem = {"code": decline.code, "decline_code": decline.decline_code}
    method = ledger.find(setup["payment_method"], "payment_method")
    shown: Json = {name: value for name, value in problem.items() if value} | {"payment_method": method}
    setup |= {
        "last_setup_error": {"type": "card_error", "message": decline.message, **shown},
        "payment_method": None,
        "status": "requires_payment_method",
    }
    ledger.save(setup)
    events.record(ledger, "setup_intent.setup_failed", setup)
    return Refusal(402, "card_error", decline.message, lasting=True, setup_intent=dict(setup), **shown)
