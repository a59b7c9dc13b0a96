"""The tokens of a login: made, and read."""

from typing import TYPE_CHECKING
from uuid import UUID

import jwt
from flask import Flask, current_app, request
from flask_jwt_extended import JWTManager, create_access_token, create_refresh_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException

from app.identity.auth.access_tokens import AUDIENCE, CLOCK_SKEW_SECONDS, ISSUER, AccessTokens
from app.identity.auth.keys import ALGORITHM, use_keys
from app.identity.errors import SessionEnded
from app.identity.models import User
from app.platform.errors import NotAuthenticated

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from config import Settings

_NOT_OURS = (JWTExtendedException, jwt.PyJWTError, ValueError, KeyError)


def register_identity(app: Flask, settings: "Settings") -> None:
    """Have the application make and read tokens: signed by HS256 and a key of ours, nothing else."""
    app.config.update(
        JWT_ALGORITHM=ALGORITHM,
        JWT_DECODE_ALGORITHMS=[ALGORITHM],
        JWT_ENCODE_ISSUER=ISSUER,
        JWT_DECODE_ISSUER=ISSUER,
        JWT_ENCODE_AUDIENCE=AUDIENCE,
        JWT_DECODE_AUDIENCE=AUDIENCE,
        JWT_DECODE_LEEWAY=CLOCK_SKEW_SECONDS,
        JWT_TOKEN_LOCATION=["headers"],
        JWT_COOKIE_CSRF_PROTECT=False,  # no cookies, so no claim for them
        JWT_ACCESS_TOKEN_EXPIRES=settings.access_token_lifetime,
        JWT_REFRESH_TOKEN_EXPIRES=settings.refresh_token_lifetime,
    )
    use_keys(JWTManager(app), settings.jwt_keys)
    app.extensions["access_tokens"] = AccessTokens(settings.jwt_keys)


def tokens(user: User, *, session_id: UUID, refresh_jti: UUID) -> dict[str, str]:
    """The access token and the refresh token of a login."""
    subject, claims = str(user.id), {"sid": str(session_id)}
    return {
        "access_token": create_access_token(subject, additional_claims=claims | {"role": user.role}),
        "refresh_token": create_refresh_token(subject, additional_claims=claims | {"jti": str(refresh_jti)}),
    }


def read_refresh_token(token: str) -> tuple[UUID, UUID]:
    """The session and the jti in a refresh token of ours. Raises SessionEnded."""
    try:
        claims = decode_token(token)
        if claims["type"] == "refresh" and claims["exp"]:  # the library takes a token without an end
            return UUID(str(claims["sid"])), UUID(str(claims["jti"]))
    except _NOT_OURS as error:
        raise SessionEnded("This is no valid refresh token. Log in again.") from error
    raise SessionEnded("This is no refresh token. Log in again.")


def session_of_access_token() -> UUID:
    """The session that the request's access token belongs to. Raises NotAuthenticated."""
    readers: AccessTokens = current_app.extensions["access_tokens"]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        return readers.session_of(token if scheme == "Bearer" else "")
    except jwt.ExpiredSignatureError as error:
        raise NotAuthenticated("The access token has expired. Refresh it, or log in again.") from error
    except _NOT_OURS as error:
        raise NotAuthenticated("Send a valid access token: Authorization: Bearer <token>.") from error
