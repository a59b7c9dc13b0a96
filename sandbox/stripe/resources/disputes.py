from stripe.params import DisputeCloseParams, DisputeListParams, DisputeRetrieveParams, DisputeUpdateParams

from sandbox.stripe import disputes, listing
from sandbox.stripe.books import Json
from sandbox.stripe.calls import Call, Endpoint
from sandbox.stripe.disputes import KIND
from sandbox.stripe.fields import merged_metadata


def retrieve(call: Call, wanted: str) -> Json:
    """One dispute."""
    return call.ledger.find(wanted, KIND)


def listed(call: Call) -> Json:
    """Disputes, newest first, of one charge or intent if wanted."""
    chosen = listing.chosen(call.params, "charge", "payment_intent")
    return listing.page(call.ledger, KIND, PATH, call.params, fields=chosen)


def update(call: Call, wanted: str) -> Json:
    """Answer with evidence, handed in at once unless `submit` is false. Raises Refusal when closed."""
    dispute = call.ledger.find(wanted, KIND)
    dispute["metadata"] = merged_metadata(dispute["metadata"], call.params.get("metadata", {}))
    given = "evidence" in call.params
    submit = call.params.get("submit", given)
    disputes.answer(call.ledger, dispute, call.params.get("evidence", {}), submit=submit)
    return dispute


def close(call: Call, wanted: str) -> Json:
    """Give in: the dispute is lost."""
    dispute = call.ledger.find(wanted, KIND)
    disputes.close(call.ledger, dispute, won=False)
    return dispute


PATH = "/v1/disputes"
ONE = f"{PATH}/<wanted>"
EXPAND = frozenset({"expand"})
UPDATE = frozenset({"evidence", "metadata", "submit", "expand"})
ENDPOINTS = [
    Endpoint("GET", PATH, listed, DisputeListParams, listing.PARAMETERS | {"charge", "payment_intent"}),
    Endpoint("GET", ONE, retrieve, DisputeRetrieveParams, EXPAND),
    Endpoint("POST", ONE, update, DisputeUpdateParams, UPDATE),
    Endpoint("POST", f"{ONE}/close", close, DisputeCloseParams, EXPAND),
]
