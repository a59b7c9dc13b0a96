"""Reading accounts."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Subquery, select
from sqlalchemy.orm import Session

from app.identity.models import User


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a login is checked against."""

    user_id: UUID
    password_hash: str
    active: bool


def credentials(session: Session, email: str) -> Credentials | None:
    """The credentials of the account with this address, in its normal spelling."""
    statement = select(User.id, User.password_hash, User.status == "active").where(User.email == email)
    row = session.execute(statement).one_or_none()
    return Credentials(*row) if row else None


def profile(session: Session, user_id: UUID) -> User:
    """An existing account."""
    return session.get_one(User, user_id)


def names() -> Subquery:
    """Columns `user_id` and `full_name` of every user, for others to join."""
    return select(User.id.label("user_id"), User.full_name).subquery("names")
