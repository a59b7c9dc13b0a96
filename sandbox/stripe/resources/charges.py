from stripe.params import ChargeListParams, ChargeRetrieveParams

from sandbox.stripe import clock, listing
from sandbox.stripe.books import Json
from sandbox.stripe.calls import Call, Endpoint
from sandbox.stripe.cards import Decline
from sandbox.stripe.ids import new_id

DECLINED_BY_BANK = {"network_status": "declined_by_network", "type": "issuer_declined"}
APPROVED = {"network_status": "approved_by_network", "type": "authorized"}


def retrieve(call: Call, wanted: str) -> Json:
    """One charge."""
    return call.ledger.find(wanted, "charge")


def listed(call: Call) -> Json:
    """Charges, newest first, of one intent, customer or transfer group if wanted."""
    intent = call.params.get("payment_intent")
    chosen = listing.chosen(call.params, "customer", "transfer_group")
    return listing.page(
        call.ledger, "charge", "/v1/charges", call.params, subjects=intent and [intent], fields=chosen
    )


def new_charge(intent: Json, method: Json, status: str, decline: Decline | None = None) -> Json:
    """A charge of an intent to a payment method: succeeded, pending or failed, with the reason if failed."""
    charge = {**_of_intent(intent), **_nothing()}
    identity = new_id("py" if method["type"] == "us_bank_account" else "ch")
    return {
        **charge,
        "id": identity,
        "billing_details": method["billing_details"],
        "payment_method": method["id"],
        "payment_method_details": _details(method, intent["amount"]),
        "receipt_url": f"https://pay.stripe.com/receipts/{identity}",
        "refunds": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/charges/{identity}/refunds",
        },
        **outcome(status, intent["amount"], decline),
    }


def outcome(status: str, amount: int, decline: Decline | None) -> Json:
    """The fields of a charge that tell how it ended, or that it has not."""
    network = DECLINED_BY_BANK if decline else APPROVED
    return {
        "status": status,
        "captured": status != "failed",
        "paid": status == "succeeded",
        "amount_captured": 0 if status == "failed" else amount,
        "failure_code": decline and decline.code,
        "failure_message": decline and decline.message,
        "outcome": {
            **network,
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "reason": decline and (decline.decline_code or decline.code),
            "seller_message": decline.message if decline else "Payment complete.",
        },
    }


def _of_intent(intent: Json) -> Json:
    copied = (
        "amount",
        "currency",
        "customer",
        "description",
        "metadata",
        "receipt_email",
        "shipping",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_group",
    )
    return {
        "object": "charge",
        "created": clock.timestamp(),
        "payment_intent": intent["id"],
        **{name: intent[name] for name in copied},
    }


def _nothing() -> Json:
    absent = (
        "application",
        "application_fee",
        "application_fee_amount",
        "balance_transaction",
        "failure_balance_transaction",
        "on_behalf_of",
        "receipt_number",
        "review",
        "source",
        "source_transfer",
        "transfer_data",
    )
    return {
        **dict.fromkeys(absent),
        "amount_refunded": 0,
        "calculated_statement_descriptor": "BACKROOM",
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "refunded": False,
    }


def _details(method: Json, amount: int) -> Json:
    kind = method["type"]
    face = method[kind]
    shown = _card_details(face, amount) if kind == "card" else _account_details(face)
    return {"type": kind, kind: shown}


def _account_details(face: Json) -> Json:
    kept = ("account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number")
    absent = ("expected_debit_date", "mandate", "payment_reference")
    return {**{name: face[name] for name in kept}, **dict.fromkeys(absent)}


def _card_details(face: Json, amount: int) -> Json:
    kept = (
        "brand",
        "country",
        "exp_month",
        "exp_year",
        "fingerprint",
        "funding",
        "last4",
        "regulated_status",
    )
    absent = (
        "authorization_code",
        "installments",
        "mandate",
        "network_transaction_id",
        "three_d_secure",
        "transaction_link_id",
        "wallet",
    )
    unavailable = {"status": "unavailable"}
    return {
        **{name: face[name] for name in kept},
        **dict.fromkeys(absent),
        "amount_authorized": amount,
        "checks": {**face["checks"], "cvc_check": "pass"},
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": unavailable,
        "multicapture": unavailable,
        "network": face["brand"],
        "network_token": {"used": False},
        "overcapture": {**unavailable, "maximum_amount_capturable": amount},
    }


LIST_PARAMETERS = listing.PARAMETERS | {"payment_intent", "customer", "transfer_group"}
ENDPOINTS = [
    Endpoint("GET", "/v1/charges", listed, ChargeListParams, LIST_PARAMETERS),
    Endpoint("GET", "/v1/charges/<wanted>", retrieve, ChargeRetrieveParams, frozenset({"expand"})),
]
