"""Logins. Revocation is a row in PostgreSQL: it holds at once, and survives whatever else is flushed."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from app.identity.models import User, UserSession
from app.platform.ids import new_id

GRACE = timedelta(seconds=10)
"""Two tabs may refresh with one token; within this time the second is no thief."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A login: whose, and the id of the one refresh token that may be exchanged next."""

    session_id: UUID
    refresh_jti: UUID
    user: User


def open_session(session: Session, *, user_id: UUID, lifetime: timedelta) -> OpenSession:
    """Log somebody in; without a renewal it ends after `lifetime`."""
    login = UserSession(id=new_id(), user_id=user_id, refresh_jti=new_id(), expires_at=func.now() + lifetime)
    session.add(login)
    seen = update(User).where(User.id == user_id).values(last_login_at=func.now())
    user = session.scalars(seen.returning(User).execution_options(populate_existing=True)).one()
    return OpenSession(login.id, login.refresh_jti, user)


def renew(
    session: Session, *, session_id: UUID, refresh_jti: UUID, lifetime: timedelta
) -> OpenSession | None:
    """Exchange a refresh token for the next one of its family, or answer None: log in again.

    The token that was exchanged within the last ten seconds gets the same successor again. An older one is
    taken for theft and ends its family, so commit on None too.
    """
    rotated = (
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.refresh_jti == refresh_jti, _is_open())
        .values(
            previous_jti=refresh_jti,
            refresh_jti=new_id(),
            rotated_at=func.now(),
            expires_at=func.now() + lifetime,
        )
        .returning(UserSession.id)
    )
    fresh = UserSession.id == session_id
    if session.scalar(rotated) is None:
        fresh &= (UserSession.previous_jti == refresh_jti) & (UserSession.rotated_at > func.now() - GRACE)
    login = session.execute(
        select(UserSession.id, UserSession.refresh_jti, User)
        .join(User, User.id == UserSession.user_id)
        .where(fresh, _is_open(), User.status == "active")
    ).one_or_none()
    if login is None:
        revoke(session, session_id)
        return None
    return OpenSession(*login)


def _is_open() -> ColumnElement[bool]:
    return UserSession.revoked_at.is_(None) & (UserSession.expires_at > func.now())


def revoke(session: Session, session_id: UUID) -> None:
    """End one login: its access and refresh tokens are refused from the commit on. Repeating is harmless."""
    _revoke(session, UserSession.id == session_id)


def revoke_all(session: Session, user_id: UUID) -> None:
    """End every login of a user."""
    _revoke(session, UserSession.user_id == user_id)


def _revoke(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(
        update(UserSession).where(which, UserSession.revoked_at.is_(None)).values(revoked_at=func.now())
    )
