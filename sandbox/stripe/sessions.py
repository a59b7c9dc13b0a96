"""Checkout Sessions: how they begin, and how they end as their payment goes, or by their time."""

import json
from urllib.parse import urlsplit

from sandbox.stripe import clock, events, intents
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.errors import invalid, malformed
from sandbox.stripe.fields import check_email, merged_metadata
from sandbox.stripe.ids import new_token

KIND = "checkout.session"
EXPIRE = "expire_checkout_session"
PLAN = "checkout.session.plan"
SHORTEST_SECONDS, LONGEST_SECONDS = 30 * 60, 24 * 3600
ABSENT = (
    "after_expiration", "allow_promotion_codes", "billing_address_collection", "client_secret",
    "collected_information", "consent", "consent_collection", "currency_conversion",
    "customer_account", "integration_identifier", "invoice", "invoice_creation", "locale", "origin_context",
    "payment_intent", "payment_link", "payment_method_configuration_details", "permissions",
    "recovered_from", "saved_payment_method_options", "setup_intent", "shipping_address_collection",
    "shipping_cost", "submit_type", "subscription", "wallet_options",
)  # fmt: skip
SWITCHED_OFF: Json = {
    "adaptive_pricing": {"enabled": False},
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "custom_fields": [],
    "custom_text": {
        "after_submit": None,
        "shipping_address": None,
        "submit": None,
        "terms_of_service_acceptance": None,
    },
    "discounts": [],
    "managed_payments": {"enabled": False},
    "payment_method_options": {},
    "phone_number_collection": {"enabled": False},
    "shipping_options": [],
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
}


def new_session(params: Json, *, customer: Json | None, total: int, draft: Json, address: str) -> Json:
    """An open session, whose payment will be like the drafted intent. Raises Refusal for wrong parameters."""
    _check_urls(params)
    email = customer["email"] if customer else params.get("customer_email")
    identity = f"cs_test_{new_token(58)}"
    moment = clock.timestamp()
    return {
        **dict.fromkeys(ABSENT),
        **SWITCHED_OFF,
        "id": identity,
        "object": KIND,
        "amount_subtotal": total,
        "amount_total": total,
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": moment,
        "currency": draft["currency"],
        "customer": customer and customer["id"],
        "customer_creation": None if customer else "if_required",
        "customer_details": _details(email),
        "customer_email": params.get("customer_email"),
        "expires_at": _expiry(params, moment),
        "livemode": False,
        "metadata": merged_metadata({}, params.get("metadata", {})),
        "mode": "payment",
        "payment_method_collection": "if_required",
        "payment_method_types": draft["payment_method_types"],
        "payment_status": "unpaid" if total else "no_payment_required",
        "status": "open",
        "success_url": params["success_url"],
        "ui_mode": "hosted_page",
        "url": f"{address}/c/pay/{identity}",
    }


def known_email(ledger: Ledger, session: Json) -> str | None:
    """What the buyer is not asked for: the customer's own address, or the one that the shop gave."""
    if session["customer"] is None:
        return session["customer_email"]  # type: ignore[no-any-return]  # a field of Stripe's
    return ledger.find(session["customer"], "customer")["email"]  # type: ignore[no-any-return]  # likewise


def buyer(session: Json, email: str) -> None:
    """Take down who is paying."""
    check_email(email, param="email")
    session["customer_details"] = _details(email)


def expire(ledger: Ledger, session: Json) -> None:
    """End an open session unpaid, and its intent if it has one. Raises Refusal when it is not open."""
    if session["status"] != "open":
        message = (
            'Only Checkout Sessions with a status in ["open"] can be expired.'
            f" This Checkout Session has a status of `{session['status']}`."
        )
        raise invalid(message)
    session |= {"status": "expired", "url": None}
    ledger.save(session)
    if session["payment_intent"]:
        intents.cancel(ledger, ledger.find(session["payment_intent"], "payment_intent"), "automatic")
    events.record(ledger, "checkout.session.expired", session)


def expire_when_due(ledger: Ledger, wanted: str) -> None:
    """End the session if it is still open after its time."""
    session = ledger.find(wanted, KIND)
    if session["status"] == "open" and session["expires_at"] <= clock.now():
        expire(ledger, session)


def complete(ledger: Ledger, session: Json, payment_status: str) -> None:
    """The buyer is done; a payment that the bank still works on is unpaid as yet."""
    session |= {"status": "complete", "url": None, "payment_status": payment_status}
    ledger.save(session)
    if session["customer"] and known_email(ledger, session) is None:
        _tell_customer(ledger, session)
    events.record(ledger, "checkout.session.completed", session)


def follow(ledger: Ledger, intent: Json) -> None:
    """Let the session of an intent, if it has one, follow what just happened to the intent."""
    session = of_intent(ledger, intent["id"])
    if session is None:
        return
    if session["status"] == "open":
        if intent["status"] in ("succeeded", "processing"):
            complete(ledger, session, "paid" if intent["status"] == "succeeded" else "unpaid")
    elif intent["status"] == "succeeded":
        session["payment_status"] = "paid"
        ledger.save(session)
        events.record(ledger, "checkout.session.async_payment_succeeded", session)
    else:
        events.record(ledger, "checkout.session.async_payment_failed", session)


def of_intent(ledger: Ledger, intent_id: str) -> Json | None:
    """The session that made an intent."""
    statement = (
        "SELECT body FROM objects WHERE kind = 'checkout.session'"
        " AND json_extract(body, '$.payment_intent') = ?"
    )
    row = ledger.execute(statement, (intent_id,)).fetchone()
    return json.loads(row["body"]) if row else None


def _expiry(params: Json, moment: int) -> int:
    wanted = int(params.get("expires_at", moment + LONGEST_SECONDS))
    if moment + SHORTEST_SECONDS <= wanted <= moment + LONGEST_SECONDS:
        return wanted
    limit = "at least 30 minutes" if wanted < moment + SHORTEST_SECONDS else "less than 24 hours"
    message = f"The `expires_at` timestamp must be {limit} from Checkout Session creation."
    raise malformed(message, param="expires_at")


def _check_urls(params: Json) -> None:
    if "success_url" not in params:
        raise malformed("Missing required param: success_url.", code="parameter_missing", param="success_url")
    for name in ("success_url", "cancel_url"):
        parts = urlsplit(params.get(name, "http://absent"))
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise malformed("Not a valid URL", code="url_invalid", param=name)


def _tell_customer(ledger: Ledger, session: Json) -> None:
    """Give a customer without an address the one that the buyer filled in."""
    customer = ledger.find(session["customer"], "customer")
    customer["email"] = session["customer_details"]["email"]
    ledger.save(customer)
    events.record(ledger, "customer.updated", customer, previous={"email": None})


def _details(email: str | None) -> Json | None:
    if email is None:
        return None
    absent = ("address", "business_name", "individual_name", "name", "phone", "tax_ids")
    return {**dict.fromkeys(absent), "email": email, "tax_exempt": "none"}
