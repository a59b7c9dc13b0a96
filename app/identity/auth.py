"""Who is asking: tokens, and the decorators that guard routes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import UUID

import jwt
from flask import Flask, g, request
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    decode_token,
    get_jwt,
    verify_jwt_in_request,
)
from flask_jwt_extended.exceptions import JWTExtendedException
from sqlalchemy import func, select

from app.identity.errors import SessionEnded
from app.identity.models import User, UserSession
from app.platform import context
from app.platform.db import transaction
from app.platform.errors import NotAuthenticated, NotPermitted
from app.platform.party import Party
from app.platform.tokens import hash_of

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from config import Settings

View = Callable[..., Any]

ISSUER = "backroom"
CLOCK_SKEW_SECONDS = 30
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


@dataclass(frozen=True, slots=True)
class Caller:
    """The user of the request in hand, and the login that it belongs to."""

    user_id: UUID
    role: str
    session_id: UUID


def register_identity(app: Flask, settings: "Settings") -> None:
    """Have the application make and read tokens: signed by HS256 and our own key, nothing else."""
    app.config.update(
        JWT_SECRET_KEY=settings.jwt_secret_key,
        JWT_ALGORITHM="HS256",
        JWT_DECODE_ALGORITHMS=["HS256"],
        JWT_ENCODE_ISSUER=ISSUER,
        JWT_DECODE_ISSUER=ISSUER,
        JWT_DECODE_LEEWAY=CLOCK_SKEW_SECONDS,
        JWT_TOKEN_LOCATION=["headers"],
        JWT_COOKIE_CSRF_PROTECT=False,  # no cookies, so no claim for them
        JWT_ACCESS_TOKEN_EXPIRES=settings.access_token_lifetime,
        JWT_REFRESH_TOKEN_EXPIRES=settings.refresh_token_lifetime,
    )
    JWTManager(app)


def caller() -> Caller:
    """Who is asking. Only below `@requires`."""
    known: Caller = g.caller
    return known


def owner() -> UUID | None:
    """Whose things the caller may see and touch: their own; None, for an admin, is everybody's."""
    known = caller()
    return None if known.role == "admin" else known.user_id


def buyer() -> Party:
    """Who is buying: a user, a guest, or both in one. Only below `@requires_buyer`."""
    known: Party = g.buyer
    return known


def guest_token_hash() -> str | None:
    """The hash of the request's cart token; None without one, or for a text that cannot be one."""
    return hash_of(request.headers.get(GUEST_HEADER, ""))


def requires(*roles: str) -> Callable[[View], View]:
    """Let only these roles in; without any, every user. Stands right under `@blueprint.route`.

    The session and the account are read each time, so that a logout or a suspension holds at once.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.caller = known = _identify()
            context.add(actor=f"user:{known.user_id}")
            if roles and known.role not in roles:
                raise NotPermitted(f"This needs the role {' or '.join(roles)}; yours is {known.role}.")
            return view(*args, **kwargs)

        _document(guarded, "users")
        vars(guarded)["allowed_roles"] = roles
        return guarded

    return decorate


def requires_buyer(*others: str) -> Callable[[View], View]:
    """Let users in, and guests with a cart token; `buyer()` is who it is. In the place of `@requires`.

    `others` may be "newcomers", guests who have no token yet, and "links": whoever brings the link of a mail,
    which the view has to check. A wrong access token is refused, whatever else comes with it; a text that
    cannot be a cart token counts as none.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.buyer = known = _identify_buyer()
            has_link = "links" in others and LINK_PARAMETER in request.args
            if known.is_nobody and "newcomers" not in others and not has_link:
                raise NotAuthenticated(
                    "Send an access token (Authorization: Bearer <token>), or as a guest the"
                    f" {GUEST_HEADER} that your cart came with."
                )
            return view(*args, **kwargs)

        vars(guarded)["let_in"] = let_in = ("users", "guests", *others)
        _document(guarded, *let_in)
        return guarded

    return decorate


def public(view: View) -> View:
    """Mark a route as open to everybody; the architecture tests refuse a route that says neither."""
    vars(view)["is_public"] = True
    return view


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
        if claims["type"] == "refresh":
            return UUID(claims["sid"]), UUID(claims["jti"])
    except (JWTExtendedException, jwt.PyJWTError, ValueError) as error:
        raise SessionEnded("This is no valid refresh token. Log in again.") from error
    raise SessionEnded("This is no refresh token. Log in again.")


def _document(view: View, *let_in: str) -> None:
    documentation = vars(view).setdefault("_apidoc", {}).setdefault("manual_doc", {})
    documentation["security"] = [SCHEMES_OF[kind] for kind in let_in]


def _identify_buyer() -> Party:
    token_hash = guest_token_hash()
    if request.headers.get("Authorization"):
        g.caller = known = _identify()
        context.add(actor=f"user:{known.user_id}")
        return Party(known.user_id, token_hash, is_operator=known.role == "admin")
    if token_hash is not None:
        context.add(actor=f"guest:{token_hash}")
    return Party(token_hash=token_hash)


def _identify() -> Caller:
    statement = (
        select(User.id, User.role, UserSession.id)
        .join(UserSession, UserSession.user_id == User.id)
        .where(
            UserSession.id == _session_of_access_token(),
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > func.now(),
            User.status == "active",
        )
    )
    with transaction() as session:
        row = session.execute(statement).one_or_none()
    if row is None:
        raise NotAuthenticated("This login has ended. Log in again.")
    return Caller(*row)


def _session_of_access_token() -> UUID:
    try:
        verify_jwt_in_request()
        return UUID(get_jwt()["sid"])
    except jwt.ExpiredSignatureError as error:
        raise NotAuthenticated("The access token has expired. Refresh it, or log in again.") from error
    except (JWTExtendedException, jwt.PyJWTError, ValueError) as error:
        raise NotAuthenticated("Send a valid access token: Authorization: Bearer <token>.") from error
