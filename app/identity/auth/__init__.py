"""Who is asking: tokens, and the decorators that guard routes."""

from app.identity.auth.guards import (
    Caller,
    buyer,
    caller,
    guest_token_hash,
    owner,
    public,
    requires,
    requires_buyer,
)
from app.identity.auth.schemes import GUEST_HEADER, HELD_TOKEN, LINK_PARAMETER, SECURITY_SCHEMES
from app.identity.auth.tokens import read_refresh_token, register_identity, tokens

__all__ = [
    "GUEST_HEADER",
    "HELD_TOKEN",
    "LINK_PARAMETER",
    "SECURITY_SCHEMES",
    "Caller",
    "buyer",
    "caller",
    "guest_token_hash",
    "owner",
    "public",
    "read_refresh_token",
    "register_identity",
    "requires",
    "requires_buyer",
    "tokens",
]
