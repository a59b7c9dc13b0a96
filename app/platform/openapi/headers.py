"""Headers that several answers carry."""

from typing import Any

EVERYWHERE = "X-Request-Id"
HEADERS: dict[str, dict[str, Any]] = {
    EVERYWHERE: {
        "description": "This request in the shop's log; one that the request brought is kept.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Ask again after so many seconds.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "Location": {"description": "Where to look for it.", "schema": {"type": "string"}},
    "WWW-Authenticate": {"description": "Which credentials are wanted.", "schema": {"type": "string"}},
    "Idempotent-Replayed": {
        "description": "There when this is the answer to an earlier request with the same Idempotency-Key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Content-Language": {"description": "The languages of its texts.", "schema": {"type": "string"}},
}
"""For the document's components."""

KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "A new random value for each intent; send the same one again when you repeat a request.",
    # No example: the page would send it with every call, and the second one would be a replay.
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}


def headers(*names: str) -> dict[str, Any]:
    """References to these headers, for an answer."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


LATER = headers("Location", "Retry-After")
"""For an answer 202 whose result appears elsewhere."""
LANGUAGE = headers("Content-Language")
"""For an answer in a language of the caller's."""
WANTED_LANGUAGE = {
    "in": "header",
    "name": "Accept-Language",
    "description": "The languages that texts should be in; what is not translated is in English.",
    "schema": {"type": "string"},
    "example": "de-AT, de;q=0.8",
}
