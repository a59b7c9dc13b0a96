"""What a buyer's browser does on the hosted page of a Checkout Session."""

import re
from collections.abc import Mapping

from sandbox.stripe import events, intents, payments, sessions
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.calls import Call
from sandbox.stripe.errors import Refusal
from sandbox.stripe.resources import payment_methods

EXPIRY = re.compile(r"\s*(\d{1,2})\s*/\s*(\d\d|\d{4})\s*")
CVC = re.compile(r"\d{3,4}")


def submit(call: Call, session: Json, form: Mapping[str, str]) -> str:
    """Pay an open session with what the buyer filled in; answers where the browser goes next.

    The call's return_url is where the buyer comes back from 3-D Secure.
    Raises Refusal with a message for the buyer; after a decline, its failed charge and the intent remain.
    """
    if sessions.known_email(call.ledger, session) is None:
        sessions.buyer(session, form.get("email", ""))
    if session["amount_total"] == 0:
        sessions.complete(call.ledger, session, "no_payment_required")
        return success_url(session)
    method = _method(form, {"email": session["customer_details"]["email"]})
    call.ledger.add(method)
    intent = _intent(call.ledger, session)
    payments.attempt(call, intent, method)
    if intent["status"] == "requires_action":
        return str(intent["next_action"]["redirect_to_url"]["url"])
    return success_url(session)


def success_url(session: Json) -> str:
    """Where the shop wants its buyer after the payment."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def problem(ledger: Ledger, session: Json) -> str | None:
    """Why the last attempt to pay the session failed, if one did."""
    if session["payment_intent"] is None:
        return None
    error = ledger.find(session["payment_intent"], "payment_intent")["last_payment_error"]
    return error and str(error["message"])


def _intent(ledger: Ledger, session: Json) -> Json:
    """The session's intent, made when the buyer first submits."""
    if session["payment_intent"]:
        ledger.save(session)
        return ledger.find(session["payment_intent"], "payment_intent")
    plan = ledger.find(f"{session['id']}_intent", sessions.PLAN)
    intent = intents.new_intent(plan["params"])
    ledger.add(intent)
    events.record(ledger, "payment_intent.created", intent)
    session["payment_intent"] = intent["id"]
    ledger.save(session)
    return intent


def _method(form: Mapping[str, str], billing: Json) -> Json:
    if "account_number" in form:
        return payment_methods.from_account(form["account_number"].strip(), billing)
    expiry = EXPIRY.fullmatch(form.get("expiry", ""))
    if expiry is None:
        raise _incomplete("incomplete_expiry", "Your card's expiration date is incomplete.")
    if not CVC.fullmatch(form.get("cvc", "").strip()):
        raise _incomplete("incomplete_cvc", "Your card's security code is incomplete.")
    year = int(expiry[2]) + (2000 if len(expiry[2]) == 2 else 0)
    number = re.sub(r"[\s-]", "", form.get("number", ""))
    card = {"number": number, "exp_month": int(expiry[1]), "exp_year": year}
    return payment_methods.from_card(card, billing)


def _incomplete(code: str, message: str) -> Refusal:
    return Refusal(402, "card_error", message, code=code)
