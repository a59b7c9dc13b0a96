"""Headers that several answers carry."""

from typing import Any

EVERYWHERE = "X-Request-Id"
RATES = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
"""On every answer of a route that has a limit."""
NUMBER = {"type": "string", "pattern": "^[0-9]+$"}
HEADERS: dict[str, dict[str, Any]] = {
    EVERYWHERE: {
        "description": "This request in the shop's log; one that the request brought is kept.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Ask again after so many seconds.",
        "schema": NUMBER,
    },
    "Location": {"description": "Where to look for it.", "schema": {"type": "string"}},
    "WWW-Authenticate": {"description": "Which credentials are wanted.", "schema": {"type": "string"}},
    "RateLimit-Limit": {"description": "Requests that may be made in a minute.", "schema": NUMBER},
    "RateLimit-Remaining": {"description": "How many of them are left.", "schema": NUMBER},
    "RateLimit-Reset": {"description": "Seconds until this minute is over.", "schema": NUMBER},
    "Idempotent-Replayed": {
        "description": "There when this is the answer to an earlier request with the same Idempotency-Key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "ETag": {
        "description": "Send it as If-None-Match, to be told of changes only.",
        "schema": {"type": "string"},
    },
    "Cache-Control": {"description": "For how long it may be used again.", "schema": {"type": "string"}},
    "Content-Language": {"description": "The languages of its texts.", "schema": {"type": "string"}},
}
"""For the document's components."""

OF_CACHED = ("ETag", "Cache-Control")
"""On the answers that are everybody's."""

KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "A new random value for each intent; send the same one again when you repeat a request.",
    # No example: the page would send it with every call, and the second one would be a replay.
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}


def everywhere(marks: dict[str, Any]) -> tuple[str, ...]:
    """The headers of each answer of a view with these marks."""
    return (EVERYWHERE, *RATES) if is_limited(marks) else (EVERYWHERE,)


def is_limited(marks: dict[str, Any]) -> bool:
    """Whether a view with these marks ever refuses callers who ask too often."""
    return marks.get("route_class", "by its method") is not None


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
