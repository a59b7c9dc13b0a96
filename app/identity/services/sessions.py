"""Logins. Revocation is a row in PostgreSQL: it holds at once, and survives whatever else is flushed."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from app.events.services import publish
from app.identity.errors import LoginFailed, RefreshSuperseded
from app.identity.events import LoggedOutEverywhere, RefreshTokenReused
from app.identity.models import User, UserSession
from app.identity.services import links
from app.platform.db import locked
from app.platform.errors import NotAuthenticated
from app.platform.forgetting import delete_some
from app.platform.ids import new_id

GRACE = timedelta(seconds=10)
"""Two tabs may refresh with one token; within this time the second is no thief."""

KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A login: whose, and the id of the one refresh token that may be exchanged next."""

    session_id: UUID
    refresh_jti: UUID
    user: User


def open_session(session: Session, *, user_id: UUID, password_hash: str, lifetime: timedelta) -> OpenSession:
    """Log somebody in; without a renewal it ends after `lifetime`. Locks the account.

    `password_hash` is the one that was found right. Raises LoginFailed when the account has another by now,
    or is no longer active.
    """
    as_verified = (User.id == user_id, User.status == "active", User.password_hash == password_hash)
    seen = update(User).where(*as_verified).values(last_login_at=func.now())
    refreshed = seen.returning(User).execution_options(populate_existing=True)
    user = session.scalars(refreshed).one_or_none()
    if user is None:
        raise LoginFailed("The email address or the password is wrong.")
    login = UserSession(id=new_id(), user_id=user_id, refresh_jti=new_id(), expires_at=func.now() + lifetime)
    session.add(login)
    return OpenSession(login.id, login.refresh_jti, user)


def renew(
    session: Session, *, session_id: UUID, refresh_jti: UUID, lifetime: timedelta, longest: timedelta
) -> OpenSession | None:
    """Exchange a refresh token for the next one of its family, or answer None: log in again.

    However often that is done, the login ends when it is as old as `longest`.
    Raises RefreshSuperseded for the token that was exchanged less than ten seconds ago, and changes nothing.
    An older one is taken for theft and ends its family, so commit on None too.
    """
    rotated = (
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.refresh_jti == refresh_jti, _is_open())
        .values(
            previous_jti=refresh_jti,
            refresh_jti=new_id(),
            rotated_at=func.now(),
            expires_at=func.least(func.now() + lifetime, UserSession.created_at + longest),
        )
        .returning(UserSession.user_id, UserSession.refresh_jti, UserSession.expires_at > func.now())
    )
    row = session.execute(rotated).one_or_none()
    if row is None:
        _refuse(session, session_id, refresh_jti)
        return None
    user_id, next_jti, goes_on = row
    active = select(User).where(User.id == user_id, User.status == "active")
    user = session.scalars(active).one_or_none()
    return OpenSession(session_id, next_jti, user) if user and goes_on else None


def _refuse(session: Session, session_id: UUID, refresh_jti: UUID) -> None:
    """Tell the slower of two tabs, by RefreshSuperseded, from a thief, who ends the family."""
    just_replaced = (UserSession.previous_jti == refresh_jti) & (UserSession.rotated_at > func.now() - GRACE)
    statement = select(UserSession.user_id, just_replaced).where(UserSession.id == session_id, _is_open())
    login = session.execute(locked(statement)).one_or_none()
    if login is None:
        return
    user_id, is_slower_tab = login
    if is_slower_tab:
        raise RefreshSuperseded("This token was just exchanged. Go on with what that call was answered.")
    revoke(session, session_id)
    links.close_all(session, user_id, links.CHANGE)
    publish(session, RefreshTokenReused(session_id=session_id, user_id=user_id))


def _is_open() -> ColumnElement[bool]:
    return UserSession.revoked_at.is_(None) & (UserSession.expires_at > func.now())


def revoke(session: Session, session_id: UUID) -> None:
    """End one login: its access and refresh tokens are refused from the commit on. Repeating is harmless."""
    _revoke(session, UserSession.id == session_id)


def revoke_all(session: Session, user_id: UUID, *, but: UUID | None = None) -> None:
    """End every login of a user, or every one but this, and a change of address that was asked for there."""
    _revoke(session, (UserSession.user_id == user_id) & UserSession.id.is_distinct_from(but))
    links.close_all(session, user_id, links.CHANGE)


def note_password(session: Session, session_id: UUID) -> None:
    """Note that whoever holds this login has just given the password."""
    session.execute(
        update(UserSession).where(UserSession.id == session_id).values(authenticated_at=func.now())
    )


def lock_login(session: Session, session_id: UUID, *, within: timedelta = timedelta()) -> bool:
    """Lock a login, so that it does not end before the transaction does; lock its account before.

    The answer is whether its password was given `within` that time. Raises NotAuthenticated when it has
    ended.
    """
    is_recent = UserSession.authenticated_at > func.now() - within
    statement = select(is_recent).where(UserSession.id == session_id, _is_open())
    was_recent = session.scalars(locked(statement)).one_or_none()
    if was_recent is None:
        raise NotAuthenticated("This login has ended. Log in again.")
    return was_recent


def log_out_everywhere(session: Session, user_id: UUID) -> None:
    """End every login of a user, who wants it so."""
    revoke_all(session, user_id)
    publish(session, LoggedOutEverywhere(user_id=user_id))


def forget_ended(session: Session, *, limit: int) -> int:
    """Delete up to `limit` logins that have been over for 30 days; the answer is how many."""
    ended_at = func.least(UserSession.expires_at, UserSession.revoked_at)
    return delete_some(session, UserSession, ended_at < func.now() - KEPT_FOR, limit=limit)


def _revoke(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(
        update(UserSession).where(which, UserSession.revoked_at.is_(None)).values(revoked_at=func.now())
    )
