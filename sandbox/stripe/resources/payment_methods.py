from typing import Any

from stripe.params import PaymentMethodCreateParams, PaymentMethodRetrieveParams

from sandbox.stripe import bank_accounts, cards, clock
from sandbox.stripe.bank_accounts import TestAccount
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.calls import Call, Endpoint
from sandbox.stripe.cards import CARD_DECLINED, TestCard
from sandbox.stripe.errors import Refusal, malformed
from sandbox.stripe.fields import ADDRESS, merged_metadata
from sandbox.stripe.ids import new_id

CONTACT = {"email": None, "name": None, "phone": None, "tax_id": None}
EXPIRY = {"exp_month": 12, "exp_year": 2034}


def create(call: Call) -> Json:
    """A payment method from a raw test card number."""
    params = call.params
    if params.get("type") != "card" or "card" not in params:
        raise malformed("The stand-in makes payment methods of type card, from a card.", param="type")
    method = from_card(params["card"], params.get("billing_details", {}))
    method["metadata"] = merged_metadata({}, params.get("metadata", {}))
    call.ledger.add(method)
    return method


def from_card(given: Json, billing: Json) -> Json:
    """A new payment method, not entered yet. Raises Refusal 402 for a card that cannot be."""
    card = _card_of_number(given.get("number", ""))
    expiry = {name: given.get(name, default) for name, default in EXPIRY.items()}
    _check_expiry(expiry["exp_year"], expiry["exp_month"])
    return _blank("card", card_face(card, **expiry), billing)


def from_account(number: str, billing: Json) -> Json:
    """A new payment method from a test bank account, not entered yet. Raises Refusal when there is none."""
    if number not in bank_accounts.BY_NUMBER:
        raise malformed("Only documented test accounts work in test mode.", param="account_number")
    return _blank("us_bank_account", _account_face(bank_accounts.BY_NUMBER[number]), billing)


def retrieve(call: Call, wanted: str) -> Json:
    """A payment method; a documented test name gives a fresh one."""
    return resolve(call.ledger, wanted, param="id")


def resolve(ledger: Ledger, wanted: str, *, param: str = "payment_method") -> Json:
    """The payment method of an id; a documented test name makes a new one each time, as at Stripe."""
    if wanted in cards.BY_NAME:
        method = _blank("card", card_face(cards.BY_NAME[wanted], **EXPIRY), {})
    elif wanted in bank_accounts.BY_NAME:
        method = _blank("us_bank_account", _account_face(bank_accounts.BY_NAME[wanted]), {})
    else:
        return ledger.find(wanted, "payment_method", param=param)
    ledger.add(method)
    return method


def change(method: Json, params: Json) -> None:
    """Take over new contact, expiry and redisplay. Raises Refusal 402 for an expiry that has passed."""
    billing = params.get("billing_details", {})
    address = method["billing_details"]["address"] | (billing.get("address") or {})
    method["billing_details"] = method["billing_details"] | billing | {"address": address}
    method["allow_redisplay"] = params.get("allow_redisplay", method["allow_redisplay"])
    if "card" in params:
        given = params["card"]
        method["card"] |= {name: given[name] for name in EXPIRY if name in given}
        _check_expiry(method["card"]["exp_year"], method["card"]["exp_month"])


def test_data(method: Json) -> TestCard | TestAccount:
    """The test card or account behind a payment method."""
    if method["type"] == "card":
        return cards.BY_FINGERPRINT[method["card"]["fingerprint"]]
    return bank_accounts.BY_FINGERPRINT[method["us_bank_account"]["fingerprint"]]


def card_face(card: TestCard, *, exp_month: int, exp_year: int) -> Json:
    """The card hash of a payment method."""
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "unchecked"},
        "country": "US",
        "display_brand": card.brand,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def _account_face(account: TestAccount) -> Json:
    return {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "fingerprint": account.fingerprint,
        "last4": account.number[-4:],
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": "110000000",
        "status_details": {},
    }


def _blank(kind: str, face: Json, billing: Json) -> Json:
    address = {**ADDRESS, **billing.get("address", {})}
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {**CONTACT, **billing, "address": address},
        kind: face,
        "created": clock.timestamp(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
    }


def _card_of_number(number: str) -> TestCard:
    if not number.isdecimal() or not cards.passes_luhn(number):
        raise _card_error("incorrect_number", "Your card number is incorrect.", param="number")
    if number not in cards.BY_NUMBER:
        message = "Your card was declined: only documented test cards work in test mode."
        raise _card_error(CARD_DECLINED, message, decline_code="test_mode_live_card")
    return cards.BY_NUMBER[number]


def _check_expiry(year: int, month: int) -> None:
    if not 1 <= month <= 12:
        raise _card_error(
            "invalid_expiry_month", "Your card's expiration month is invalid.", param="exp_month"
        )
    if (year, month) < clock.month():
        message = "Your card's expiration year is invalid."
        raise _card_error("invalid_expiry_year", message, param="exp_year")


def _card_error(code: str, message: str, **details: Any) -> Refusal:
    return Refusal(402, "card_error", message, code=code, **details)


ENDPOINTS = [
    Endpoint(
        "POST",
        "/v1/payment_methods",
        create,
        PaymentMethodCreateParams,
        frozenset({"type", "card", "billing_details", "metadata", "expand"}),
        publishable=True,
    ),
    Endpoint(
        "GET",
        "/v1/payment_methods/<wanted>",
        retrieve,
        PaymentMethodRetrieveParams,
        frozenset({"expand"}),
    ),
]
