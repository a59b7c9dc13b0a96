"""How callers say who they are, as the OpenAPI document tells it."""

from app.platform.access import Access
from app.platform.transport import LINK_PARAMETER

GUEST_HEADER = "X-Cart-Token"
KEY_HEADER = "X-Api-Key"
SECURITY_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A user's access token: registering and logging in answer it",
    },
    "cart_token": {
        "type": "apiKey",
        "in": "header",
        "name": GUEST_HEADER,
        "description": "A guest's token: the answer to their first `POST /v1/cart/items` has it",
    },
    "api_key": {
        "type": "apiKey",
        "in": "header",
        "name": KEY_HEADER,
        "description": "A third party's key, with the scope that the call names",
    },
    "order_link": {
        "type": "apiKey",
        "in": "query",
        "name": LINK_PARAMETER,
        "description": "What the link in a mail about the order carries",
    },
}
"""For the OpenAPI document's components."""
HELD_TOKEN = {
    "in": "header",
    "name": GUEST_HEADER,
    "description": "What somebody has held as a guest until now: the cart and the orders go to the account.",
    "schema": {"type": "string"},
}
"""For those calls at which a guest becomes a user."""
_SCHEME_OF = {"users": "bearer", "guests": "cart_token", "links": "order_link", "keys": "api_key"}


def security(access: Access) -> list[dict[str, list[str]]]:
    """What callers have to bring, one way or another: `security` of the document.

    Newcomers are guests who have no token yet, and bring nothing.
    """
    return [_requirement(kind, access.scope) for kind in access.let_in]


def _requirement(kind: str, scope: str | None) -> dict[str, list[str]]:
    if kind not in _SCHEME_OF:
        return {}
    return {_SCHEME_OF[kind]: [scope] if kind == "keys" and scope else []}
