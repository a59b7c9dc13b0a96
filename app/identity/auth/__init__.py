"""Who is asking: tokens, API keys, and the decorators that guard routes."""

from app.identity.auth.guards import buyer, login_of_buyer, public, requires, requires_buyer
from app.identity.auth.principals import (
    ApiClient,
    Caller,
    api_client,
    caller,
    guest_token_hash,
    owner,
    principal,
)
from app.identity.auth.schemes import GUEST_HEADER, HELD_TOKEN, SECURITY_SCHEMES
from app.identity.auth.tokens import read_refresh_token, register_identity, tokens

__all__ = [
    "GUEST_HEADER",
    "HELD_TOKEN",
    "SECURITY_SCHEMES",
    "ApiClient",
    "Caller",
    "api_client",
    "buyer",
    "caller",
    "guest_token_hash",
    "login_of_buyer",
    "owner",
    "principal",
    "public",
    "read_refresh_token",
    "register_identity",
    "requires",
    "requires_buyer",
    "tokens",
]
