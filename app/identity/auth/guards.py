"""The decorators that guard routes: each rule is declared in one place, on its route."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask import g, request

from app.identity.auth.principals import (
    ApiClient,
    Caller,
    identify_buyer,
    identify_client,
    identify_user,
)
from app.identity.auth.schemes import GUEST_HEADER, KEY_HEADER, security
from app.identity.models import Permission, Role, Scope
from app.platform import context
from app.platform.access import Access
from app.platform.errors import NotAuthenticated, NotPermitted
from app.platform.party import Party
from app.platform.tokens import stored_form
from app.platform.transport import LINK_PARAMETER

View = Callable[..., Any]


def buyer() -> Party:
    """Who is buying: a user, a guest, or both in one. Only below `@requires_buyer`."""
    known: Party = g.buyer
    return known


def login_of_buyer() -> UUID | None:
    """The login that the buyer came with; None for who has none. Only below `@requires_buyer`."""
    known = g.get("principal")
    return known.session_id if isinstance(known, Caller) else None


def requires(
    *roles: Role, permission: Permission | None = None, scope: Scope | None = None
) -> Callable[[View], View]:
    """Let only these roles in; without any, every user. Stands right under `@blueprint.route`.

    Of the admins only those come in who hold the `permission`; a route for admins names one. With a `scope`,
    API keys that have it come in too; with a scope and without roles, nobody else. Whose things it is about,
    the view asks `owner()`, or `caller()` and `api_client()`.
    """
    users = ("users",) if roles or scope is None else ()
    keys = ("keys",) if scope is not None else ()
    access = Access((*users, *keys), roles, permission, scope)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.principal = _admit(access)
            return view(*args, **kwargs)

        return _declare(guarded, access)

    return decorate


def requires_buyer(*others: str) -> Callable[[View], View]:
    """Let users in, and guests with a cart token; `buyer()` is who it is. In the place of `@requires`.

    `others` may be "newcomers", guests who have no token yet, and "links": whoever brings the link of a mail,
    which the view has to check. A wrong access token is refused, whatever else comes with it; a text that
    cannot be a cart token counts as none. Admins who hold the permission "orders" are operators there.
    """
    access = Access(("users", "guests", *others))

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.buyer = known = identify_buyer()
            has_link = "links" in others and LINK_PARAMETER in request.args
            if known.is_nobody and "newcomers" not in others and not has_link:
                raise NotAuthenticated(
                    "Send an access token (Authorization: Bearer <token>), or as a guest the"
                    f" {GUEST_HEADER} that your cart came with."
                )
            if known.is_nobody and has_link:
                # Before anybody knows whether the link is good: a wrong one must not meet another's keys.
                context.add(actor=f"link:{stored_form(request.args[LINK_PARAMETER])}")
            return view(*args, **kwargs)

        return _declare(guarded, access)

    return decorate


def public(view: View) -> View:
    """Mark a route as open to everybody; the architecture tests refuse a route that says nothing."""
    vars(view)["access"] = Access()
    return view


def _declare(view: View, access: Access) -> View:
    vars(view)["access"] = access
    documentation = vars(view).setdefault("_apidoc", {}).setdefault("manual_doc", {})
    documentation["security"] = security(access)
    return view


def _admit(access: Access) -> Caller | ApiClient:
    if "users" not in access.let_in or ("keys" in access.let_in and _only_key_came()):
        return _admit_client(access)
    return _admit_user(access)


def _only_key_came() -> bool:
    return KEY_HEADER in request.headers and "Authorization" not in request.headers


def _admit_client(access: Access) -> ApiClient:
    known = identify_client()
    if access.scope not in known.scopes:
        raise NotPermitted(f"This needs an API key of the scope {access.scope}.")
    return known


def _admit_user(access: Access) -> Caller:
    known = identify_user()
    if access.roles and known.role not in access.roles:
        raise NotPermitted(f"This needs the role {' or '.join(access.roles)}; yours is {known.role}.")
    if known.role == "admin" and access.permission is not None and not known.may(access.permission):
        raise NotPermitted(f"This needs the permission {access.permission}, which you do not hold.")
    return known
