"""What an account may do: opened, shut, and given another role, by those who run the shop."""

from collections.abc import Collection
from datetime import timedelta
from typing import get_args
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.events.services import publish
from app.identity.errors import StepUpNeeded
from app.identity.events import RoleChanged, UserReactivated, UserSuspended
from app.identity.models import Permission, User
from app.identity.services.sessions import lock_login, revoke_all
from app.platform.db import Json, locked
from app.platform.errors import Invalid, NotAuthenticated, NotFound, NotPermitted


def lock_user(session: Session, user_id: UUID) -> User:
    """The account, locked until the transaction ends. Raises NotFound, also for one that was deleted."""
    statement = select(User).where(User.id == user_id, User.status != "deleted")
    user = session.scalars(locked(statement)).one_or_none()
    if user is None:
        raise NotFound("There is no such user.")
    return user


def lock_if_kept(session: Session, user_id: UUID) -> bool:
    """Whether the account was not deleted; it is locked, so that this stays so until the transaction ends."""
    kept = select(User.id).where(User.id == user_id, User.status != "deleted")
    return session.scalars(locked(kept)).one_or_none() is not None


def lock_owner(session: Session, user_id: UUID) -> User:
    """The account of who is asking, locked until the transaction ends.

    Raises NotAuthenticated when it was shut or deleted since the guard let it in: nothing is written then.
    """
    statement = select(User).where(User.id == user_id, User.status == "active")
    user = session.scalars(locked(statement)).one_or_none()
    if user is None:
        raise NotAuthenticated("This account is not open any more.")
    return user


def require_recent_password(session: Session, user_id: UUID, login_id: UUID, *, within: timedelta) -> None:
    """Raise StepUpNeeded unless the password of this login was given so recently.

    Locks the account and the login. Raises NotAuthenticated when either is over meanwhile.
    """
    lock_owner(session, user_id)
    if not lock_login(session, login_id, within=within):
        raise StepUpNeeded("Send your password to POST /v1/auth/step-up first, then repeat this call.")


def suspend(session: Session, user_id: UUID) -> User:
    """Shut an account: every login of it is over from the commit on, and no new one is opened.

    Repeating changes nothing. Locks the account. Raises NotFound.
    """
    user = lock_user(session, user_id)
    if user.status != "suspended":
        user.status, user.updated_at = "suspended", func.now()
        revoke_all(session, user_id)
        publish(session, UserSuspended(user_id=user_id))
    return user


def reactivate(session: Session, user_id: UUID) -> User:
    """Open a suspended account; its owner has to log in anew.

    Repeating changes nothing. Locks the account. Raises NotFound.
    """
    user = lock_user(session, user_id)
    if user.status != "active":
        user.status, user.updated_at = "active", func.now()
        publish(session, UserReactivated(user_id=user_id))
    return user


def manage(session: Session, user_id: UUID, *, by: UUID, changes: Json) -> User:
    """Change role, permissions or status of an account, as far as whoever does it may.

    Locks both accounts, by id. Raises NotFound, NotPermitted for one's own account or for more power than one
    has, and Invalid for permissions of somebody who is no admin.
    """
    if user_id == by:
        raise NotPermitted("Nobody changes what they may do themselves: ask another admin.")
    both = {each: lock_user(session, each) for each in sorted((user_id, by))}
    user, operator = both[user_id], both[by]
    role = changes.get("role", user.role)
    permissions = changes.get("permissions", user.permissions if role == "admin" else None)
    if permissions is not None and role != "admin":
        raise Invalid("Only admins have permissions.", errors={"permissions": ["Only of the role admin."]})
    held = _power(operator.role, operator.permissions) if operator.status == "active" else frozenset()
    needed = {"users", *_power(user.role, user.permissions), *_power(role, permissions)}
    if not needed <= held:
        raise NotPermitted("This account may do more than you, or would then.")
    change_role(session, user_id, role=role)
    if user.permissions != permissions:
        user.permissions, user.updated_at = permissions, func.now()
    if "status" in changes:
        (suspend if changes["status"] == "suspended" else reactivate)(session, user_id)
    session.flush()
    session.refresh(user)
    return user


def _power(role: str, permissions: Collection[str] | None) -> frozenset[str]:
    """What an account may do beyond buying and selling; all there will ever be is more than all there is."""
    if role != "admin":
        return frozenset()
    return frozenset((*get_args(Permission), "whatever comes") if permissions is None else permissions)


def change_role(session: Session, user_id: UUID, *, role: str) -> User:
    """Give an account another role, which holds for its logins from the commit on.

    Repeating changes nothing. Locks the account. Raises NotFound.
    """
    user = lock_user(session, user_id)
    if user.role != role:
        before, user.role, user.updated_at = user.role, role, func.now()
        publish(session, RoleChanged(user_id=user_id, role=role, before=before))
    return user
