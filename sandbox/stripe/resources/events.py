from stripe.params import EventListParams, EventRetrieveParams

from sandbox.stripe import events, listing, topics
from sandbox.stripe.books import Json
from sandbox.stripe.calls import Call, Endpoint
from sandbox.stripe.errors import malformed

MOST_TYPES = 20


def retrieve(call: Call, wanted: str) -> Json:
    """One event."""
    return events.shown(call.ledger, call.ledger.find(wanted, "event"))


def listed(call: Call) -> Json:
    """Events, newest first, by type and by whether all their webhooks arrived, if wanted."""
    delivered = call.params.get("delivery_success")
    found = listing.page(
        call.ledger,
        "event",
        "/v1/events",
        call.params,
        subjects=_wanted_types(call.params),
        delivered=delivered,
    )
    found["data"] = [events.shown(call.ledger, event) for event in found["data"]]
    return found


def _wanted_types(params: Json) -> list[str] | None:
    if "type" in params and "types" in params:
        raise malformed("Give type or types, not both.", param="types")
    if "type" in params:
        return topics.matching(params["type"])
    types: list[str] | None = params.get("types")
    if types and len(types) > MOST_TYPES:
        raise malformed(f"At most {MOST_TYPES} types.", param="types")
    return types


LIST_PARAMETERS = listing.PARAMETERS | {"type", "types", "delivery_success"}
ENDPOINTS = [
    Endpoint("GET", "/v1/events", listed, EventListParams, LIST_PARAMETERS),
    Endpoint("GET", "/v1/events/<wanted>", retrieve, EventRetrieveParams, frozenset({"expand"})),
]
