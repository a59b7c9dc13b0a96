from stripe.params import (
    RefundCancelParams,
    RefundCreateParams,
    RefundListParams,
    RefundRetrieveParams,
    RefundUpdateParams,
)

from sandbox.stripe import disputes, events, listing, refunds
from sandbox.stripe.books import Json
from sandbox.stripe.calls import Call, Endpoint
from sandbox.stripe.errors import Refusal, invalid, malformed
from sandbox.stripe.fields import merged_metadata
from sandbox.stripe.money import refuse_fractions
from sandbox.stripe.refunds import KIND


def create(call: Call) -> Json:
    """Give a captured charge back, all that is left of it or less. Raises Refusal for more than is left."""
    charge = _charge(call)
    _check_refundable(call, charge)
    left = charge["amount"] - charge["amount_refunded"]
    amount = call.params.get("amount", left)
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount < 1:
        raise malformed("This value must be greater than or equal to 1.", param="amount")
    refuse_fractions(amount, charge["currency"], param="amount")
    if amount > left:
        # Stripe gives no code for this one.
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise invalid(message, param="amount")
    return refunds.begin(call, charge, amount)


def retrieve(call: Call, wanted: str) -> Json:
    """One refund."""
    return call.ledger.find(wanted, KIND)


def listed(call: Call) -> Json:
    """Refunds, newest first, of one charge or intent if wanted."""
    chosen = listing.chosen(call.params, "charge", "payment_intent")
    return listing.page(call.ledger, KIND, PATH, call.params, fields=chosen)


def update(call: Call, wanted: str) -> Json:
    """Change the metadata, merged by key."""
    refund = call.ledger.find(wanted, KIND)
    previous = {"metadata": refund["metadata"]}
    refund["metadata"] = merged_metadata(refund["metadata"], call.params.get("metadata", {}))
    call.ledger.save(refund)
    refunds.count(call.ledger, call.ledger.find(refund["charge"], "charge"), 0)
    for topic in ("refund.updated", "charge.refund.updated"):
        events.record(call.ledger, topic, refund, previous=previous)
    return refund


def cancel(call: Call, wanted: str) -> Json:
    """Always a Refusal: of what is modelled, nothing can be canceled but in Stripe's Dashboard."""
    call.ledger.find(wanted, KIND)
    raise invalid("Canceling this refund is unsupported.")


def _charge(call: Call) -> Json:
    if ("charge" in call.params) == ("payment_intent" in call.params):
        raise malformed("Give a charge or a payment_intent, one of them.", param="charge")
    if "charge" in call.params:
        return call.ledger.find(call.params["charge"], "charge", param="charge")
    intent = call.ledger.find(call.params["payment_intent"], "payment_intent", param="payment_intent")
    if intent["status"] != "succeeded":
        raise _unpaid(intent["id"])
    return call.ledger.find(intent["latest_charge"], "charge")


def _check_refundable(call: Call, charge: Json) -> None:
    if charge["status"] != "succeeded":
        raise _unpaid(charge["payment_intent"])
    if not charge["captured"]:
        message = (
            f"This uncaptured charge belongs to a PaymentIntent ({charge['payment_intent']}): cancel that to"
            " give the money back."
        )
        raise invalid(message)
    if disputes.bars_refunds(call.ledger, charge["id"]):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise invalid(message, code="charge_disputed")


def _unpaid(intent_id: str) -> Refusal:
    return invalid(f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.")


PATH = "/v1/refunds"
ONE = f"{PATH}/<wanted>"
EXPAND = frozenset({"expand"})
CREATE = frozenset({"amount", "charge", "payment_intent", "reason", "metadata", "expand"})
ENDPOINTS = [
    Endpoint("POST", PATH, create, RefundCreateParams, CREATE),
    Endpoint("GET", PATH, listed, RefundListParams, listing.PARAMETERS | {"charge", "payment_intent"}),
    Endpoint("GET", ONE, retrieve, RefundRetrieveParams, EXPAND),
    Endpoint("POST", ONE, update, RefundUpdateParams, EXPAND | {"metadata"}),
    Endpoint("POST", f"{ONE}/cancel", cancel, RefundCancelParams, EXPAND),
]
