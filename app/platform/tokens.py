"""Tokens that open something for whoever holds them. The database keeps a hash at most."""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode

OPAQUE = re.compile(r"[A-Za-z0-9_-]{43}")
"""256 random bits in base64url."""


def new_token() -> str:
    """A token that nobody can guess; only its hash is to be stored."""
    return secrets.token_urlsafe(32)


def stored_form(token: str) -> str:
    """The hash that is kept of a token of `new_token`: nobody gets from it to the token."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_of(token: str) -> str | None:
    """By what a token of `new_token` is known; None for a text that cannot be one."""
    return stored_form(token) if OPAQUE.fullmatch(token) else None


def derived_token(secret: str, *, purpose: str, facts: tuple[str, ...]) -> str:
    """The token for these facts, the same each time; without the secret nobody can make it.

    Each purpose has a key of its own, so that a token made for one thing never opens another.
    """
    key = hmac.digest(secret.encode(), purpose.encode(), "sha256")
    digest = hmac.digest(key, "\n".join(facts).encode(), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def same_token(given: str, right: str) -> bool:
    """Whether two tokens are equal; how long it takes tells nothing about the right one."""
    return hmac.compare_digest(given.encode(), right.encode())
