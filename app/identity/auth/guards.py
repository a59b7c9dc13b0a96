"""Who is asking: the decorators that guard routes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from flask import g, request
from sqlalchemy import func, select

from app.identity.auth.schemes import GUEST_HEADER, LINK_PARAMETER, SCHEMES_OF
from app.identity.auth.tokens import session_of_access_token
from app.identity.models import User, UserSession
from app.platform import context
from app.platform.db import transaction
from app.platform.errors import NotAuthenticated, NotPermitted
from app.platform.party import Party
from app.platform.tokens import hash_of

View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """The user of the request in hand, and the login that it belongs to."""

    user_id: UUID
    role: str
    session_id: UUID


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
            UserSession.id == session_of_access_token(),
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
