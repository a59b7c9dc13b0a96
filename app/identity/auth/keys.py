"""The keys that sign tokens: one signs, the others are still, or already, believed."""

from collections.abc import Mapping, Sequence
from typing import Any

import jwt
from flask_jwt_extended import JWTManager

from app.platform.tokens import derived_token

ALGORITHM = "HS256"


def key_id(key: str) -> str:
    """What a token calls the key that signed it, in its header; it tells nothing about the key."""
    return derived_token(key, purpose="key id", facts=())[:16]


def use_keys(manager: JWTManager, keys: Sequence[str]) -> None:
    """Sign by the first of the keys, and believe what names any of them, but nothing without a name."""
    known = {key_id(key): key for key in keys}

    def named(header: Mapping[str, Any], _claims: Any) -> str:
        key = known.get(str(header.get("kid")))
        if key is None:
            raise jwt.InvalidKeyError("signed by a key that is not ours")
        return key

    manager.encode_key_loader(lambda _identity: keys[0])
    manager.additional_headers_loader(lambda _identity: {"kid": key_id(keys[0])})
    manager.decode_key_loader(named)
