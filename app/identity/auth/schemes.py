"""How callers say who they are, as the OpenAPI document tells it."""

GUEST_HEADER = "X-Cart-Token"
LINK_PARAMETER = "token"
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
SCHEMES_OF: dict[str, dict[str, list[str]]] = {
    "users": {"bearer": []},
    "guests": {"cart_token": []},
    "links": {"order_link": []},
    "newcomers": {},
}
"""What those bring who are let in; newcomers are guests who have no token yet."""
