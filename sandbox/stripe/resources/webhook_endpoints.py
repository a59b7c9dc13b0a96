from urllib.parse import urlsplit

from stripe.params import (
    WebhookEndpointCreateParams,
    WebhookEndpointDeleteParams,
    WebhookEndpointListParams,
    WebhookEndpointRetrieveParams,
    WebhookEndpointUpdateParams,
)

from sandbox.stripe import clock, listing
from sandbox.stripe.books import Json
from sandbox.stripe.calls import Call, Endpoint
from sandbox.stripe.endpoints import KIND
from sandbox.stripe.errors import malformed
from sandbox.stripe.fields import merged_metadata
from sandbox.stripe.ids import new_id, new_token


def create(call: Call) -> Json:
    """A new address for webhooks; only this answer tells the secret that they are signed with."""
    endpoint: Json = {
        "id": new_id("we"),
        "object": KIND,
        "api_version": None,
        "application": None,
        "created": clock.timestamp(),
        "description": None,
        "livemode": False,
        "metadata": {},
        "secret": f"whsec_{new_token(32)}",
        "status": "enabled",
    }
    _change(endpoint, call.params)
    call.ledger.add(endpoint)
    return endpoint


def retrieve(call: Call, wanted: str) -> Json:
    """One endpoint, without its secret."""
    return _shown(call.ledger.find(wanted, KIND))


def listed(call: Call) -> Json:
    """The endpoints, newest first; the one that the stand-in was started with is not among them."""
    found = listing.page(call.ledger, KIND, PATH, call.params)
    found["data"] = [_shown(endpoint) for endpoint in found["data"]]
    return found


def update(call: Call, wanted: str) -> Json:
    """Change its address or events, or disable it; what it still waits for is dropped while disabled."""
    endpoint = call.ledger.find(wanted, KIND)
    _change(endpoint, call.params)
    call.ledger.save(endpoint)
    return _shown(endpoint)


def delete(call: Call, wanted: str) -> Json:
    """End an endpoint for good; what it still waits for is dropped."""
    return call.ledger.retire(call.ledger.find(wanted, KIND))


def _change(endpoint: Json, params: Json) -> None:
    if "url" in params and urlsplit(params["url"]).scheme not in ("http", "https"):
        raise malformed(
            "Invalid URL: it must begin with http:// or https://.", code="url_invalid", param="url"
        )
    endpoint |= {name: params[name] for name in ("url", "enabled_events") if name in params}
    if "description" in params:
        endpoint["description"] = params["description"] or None
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    endpoint["metadata"] = merged_metadata(endpoint["metadata"], params.get("metadata", {}))


def _shown(endpoint: Json) -> Json:
    return {name: value for name, value in endpoint.items() if name != "secret"}


PATH = "/v1/webhook_endpoints"
ONE = f"{PATH}/<wanted>"
EXPAND = frozenset({"expand"})
CREATE = EXPAND | {"url", "enabled_events", "description", "metadata"}
PLACES = frozenset({"limit", "starting_after", "ending_before", "expand"})
ENDPOINTS = [
    Endpoint("POST", PATH, create, WebhookEndpointCreateParams, CREATE),
    Endpoint("GET", PATH, listed, WebhookEndpointListParams, PLACES),
    Endpoint("GET", ONE, retrieve, WebhookEndpointRetrieveParams, EXPAND),
    Endpoint("POST", ONE, update, WebhookEndpointUpdateParams, CREATE | {"disabled"}),
    Endpoint("DELETE", ONE, delete, WebhookEndpointDeleteParams, frozenset()),
]
