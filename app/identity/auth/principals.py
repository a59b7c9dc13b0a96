"""Who is asking: users by their access token, third parties by their API key."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from flask import g, request
from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from app.identity.auth.schemes import GUEST_HEADER, KEY_HEADER
from app.identity.auth.tokens import session_of_access_token
from app.identity.models import SELLERS, ApiKey, User, UserSession
from app.platform import context
from app.platform.db import locked, reading, table_of, transaction
from app.platform.errors import NotAuthenticated
from app.platform.party import Party
from app.platform.rate_limits.guarding import READING, charge, charge_rejected
from app.platform.rate_limits.policy import KEY as BY_KEY
from app.platform.rate_limits.policy import USER
from app.platform.tokens import hash_of

KEY = re.compile(r"(bk_[0-9a-f]{12})_(.+)")
USE_NOTED_EVERY = timedelta(minutes=10)
"""How exact the last use of an API key is: a write for each request would be too much."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The user of the request in hand, and the login that it belongs to."""

    user_id: UUID
    role: str
    session_id: UUID
    permissions: frozenset[str] | None = None

    def may(self, permission: str) -> bool:
        """Whether this is an admin who holds the permission; who was given none in particular holds all."""
        return self.role == "admin" and (self.permissions is None or permission in self.permissions)


@dataclass(frozen=True, slots=True)
class ApiClient:
    """The third party whose API key came. Keys that replaced each other are the same client.

    With a `seller_id` it sees and touches only what is this seller's.
    """

    client_id: UUID
    scopes: frozenset[str]
    seller_id: UUID | None


def caller() -> Caller:
    """Which user is asking. Only below `@requires` without a scope, where nobody else can be."""
    known = g.principal
    assert isinstance(known, Caller)  # noqa: S101  # for the type; the guard has seen to it
    return known


def principal() -> Caller | ApiClient:
    """Who is asking, a user or a third party. Only below `@requires` with roles and a scope."""
    known: Caller | ApiClient = g.principal
    return known


def api_client() -> ApiClient:
    """Which third party is asking. Only below `@requires` with a scope and without roles."""
    known = g.principal
    assert isinstance(known, ApiClient)  # noqa: S101  # for the type; the guard has seen to it
    return known


def owner() -> UUID | None:
    """Whose things the caller may see and touch: their own; None, for an admin, is everybody's."""
    known = g.principal
    if isinstance(known, ApiClient):
        return known.seller_id
    return None if caller().role == "admin" else caller().user_id


def guest_token_hash() -> str | None:
    """The hash of the request's cart token; None without one, or for a text that cannot be one."""
    return hash_of(request.headers.get(GUEST_HEADER, ""))


def identify_user() -> Caller:
    """The user whose access token came; the request counts for them.

    Raises NotAuthenticated and TooManyRequests. The session and the account are read each time, so that
    a logout or a suspension holds at once.
    """
    session_id = _session_named()
    with reading() as session:
        row = session.execute(_login(), {"session_id": session_id}).one_or_none()
    if row is None:
        charge_rejected()
        raise NotAuthenticated("This login has ended. Log in again.")
    user_id, role, session_id, permissions = row
    context.add(actor=(actor := f"user:{user_id}"))
    if role == "admin" and request.method not in READING:
        context.add(operator=actor)
    charge(USER, str(user_id))
    return Caller(user_id, role, session_id, None if permissions is None else frozenset(permissions))


def _session_named() -> UUID:
    try:
        return session_of_access_token()
    except NotAuthenticated:
        charge_rejected()
        raise


@cache
def _login() -> Select[Any]:
    users, logins = table_of(User).c, table_of(UserSession).c
    return (
        select(users.id, users.role, logins.id, users.permissions)
        .where(logins.id == bindparam("session_id"), logins.user_id == users.id, users.status == "active")
        .where(logins.revoked_at.is_(None), logins.expires_at > func.now())
    )


def identify_buyer() -> Party:
    """The user, the guest, or both in one. Raises NotAuthenticated for a wrong access token."""
    token_hash = guest_token_hash()
    if request.headers.get("Authorization"):
        g.principal = known = identify_user()
        return Party(known.user_id, token_hash, is_operator=known.may("orders"))
    if token_hash is not None:
        context.add(actor=f"guest:{token_hash}")
    return Party(token_hash=token_hash)


def identify_client() -> ApiClient:
    """The third party whose API key came; its use is noted now and then.

    The request counts for it. Raises NotAuthenticated, TooManyRequests.

    The key is read each time, so that its end holds at once, and that of its seller.
    """
    given = KEY.fullmatch(request.headers.get(KEY_HEADER, ""))
    secret_hash = hash_of(given[2]) if given else None
    if given is None or secret_hash is None:
        raise NotAuthenticated(f"Send a valid API key: {KEY_HEADER}: <key>.")
    of_active_seller = (User.status == "active") & User.role.in_(SELLERS)
    statement = (
        select(ApiKey, _use_is_to_be_noted())
        .outerjoin(User, User.id == ApiKey.seller_id)
        .where(
            ApiKey.prefix == given[1],
            ApiKey.secret_hash == secret_hash,
            ApiKey.revoked_at.is_(None),
            ApiKey.expires_at > func.now(),
            or_(ApiKey.seller_id.is_(None), of_active_seller),
        )
    )
    with transaction() as session:
        row = session.execute(statement).one_or_none()
        if row is None:
            raise NotAuthenticated("This API key is unknown, expired or revoked.")
        key, to_be_noted = row
        if to_be_noted:
            _note_use(session, key.id)
    context.add(actor=f"api_client:{key.client_id}")
    charge(BY_KEY, str(key.client_id))
    return ApiClient(key.client_id, frozenset(key.scopes), key.seller_id)


def _use_is_to_be_noted() -> ColumnElement[bool]:
    return or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < func.now() - USE_NOTED_EVERY)


def _note_use(session: Session, key_id: UUID) -> None:
    """Of many requests at once one notes it; the others do not wait for that."""
    unnoted = select(ApiKey.id).where(ApiKey.id == key_id, _use_is_to_be_noted())
    for free_id in session.scalars(locked(unnoted, skip_locked=True)):
        session.execute(update(ApiKey).where(ApiKey.id == free_id).values(last_used_at=func.now()))
