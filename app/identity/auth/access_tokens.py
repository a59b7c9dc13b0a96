"""Reading access tokens, which come with most requests.

Flask-JWT-Extended makes them, and verifies refresh tokens; it decodes each token twice. Here one is decoded
once, and not again as long as it is remembered.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt

from app.identity.auth.keys import ALGORITHM, key_id
from app.platform import clock

ISSUER = AUDIENCE = "backroom"
CLOCK_SKEW_SECONDS = 30
REMEMBERED = 4096
CLAIMS = ("exp", "iat", "jti", "sid", "sub", "type")


class AccessTokens:
    """Knows which login an access token of ours belongs to."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` are those that are believed; a token names the one that signed it."""
        self._keys = {key_id(key): key for key in keys}
        self._verified = lru_cache(REMEMBERED)(self._verify)

    def session_of(self, token: str) -> UUID:
        """The session in a token. Raises ExpiredSignatureError, and PyJWTError for one that is not ours."""
        session_id, ends_at = self._verified(token)
        if ends_at + CLOCK_SKEW_SECONDS <= clock.now().timestamp():
            raise jwt.ExpiredSignatureError
        return session_id

    def _verify(self, token: str) -> tuple[UUID, float]:
        key = self._keys.get(str(jwt.get_unverified_header(token).get("kid")))
        if key is None:
            raise jwt.InvalidKeyError("signed by a key that is not ours")
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            leeway=CLOCK_SKEW_SECONDS,
            options={"require": list(CLAIMS)},
        )
        if claims["type"] != "access":
            raise jwt.InvalidTokenError("no access token")
        return UUID(str(claims["sid"])), float(claims["exp"])
