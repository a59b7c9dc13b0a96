"""What an account may do: opened, shut, and given another role, by those who run the shop."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.events.services import publish
from app.identity.events import RoleChanged, UserReactivated, UserSuspended
from app.identity.models import User
from app.identity.services.sessions import revoke_all
from app.platform.db import locked
from app.platform.errors import NotFound


def lock_user(session: Session, user_id: UUID) -> User:
    """The account, locked until the transaction ends. Raises NotFound, also for one that was deleted."""
    statement = select(User).where(User.id == user_id, User.status != "deleted")
    user = session.scalars(locked(statement)).one_or_none()
    if user is None:
        raise NotFound("There is no such user.")
    return user


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


def change_role(session: Session, user_id: UUID, *, role: str) -> User:
    """Give an account another role, which holds for its logins from the commit on.

    Repeating changes nothing. Locks the account. Raises NotFound.
    """
    user = lock_user(session, user_id)
    if user.role != role:
        before, user.role, user.updated_at = user.role, role, func.now()
        publish(session, RoleChanged(user_id=user_id, role=role, before=before))
    return user
