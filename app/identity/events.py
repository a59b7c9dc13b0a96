"""Facts about accounts."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class GuestSignedIn(Event):
    """Somebody who held a guest's token has registered or logged in. The token itself is not told."""

    topic: ClassVar[str] = "identity.guest_signed_in"
    user_id: UUID
    token_hash: str


@dataclass(frozen=True, slots=True)
class RefreshTokenReused(Event):
    """A refresh token came that was exchanged before: somebody has a copy, so its login was ended."""

    topic: ClassVar[str] = "identity.refresh_token_reused"
    session_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class UserSuspended(Event):
    """The account was shut, and its logins ended."""

    topic: ClassVar[str] = "identity.user_suspended"
    user_id: UUID


@dataclass(frozen=True, slots=True)
class UserReactivated(Event):
    """A suspended account was opened again."""

    topic: ClassVar[str] = "identity.user_reactivated"
    user_id: UUID


@dataclass(frozen=True, slots=True)
class RoleChanged(Event):
    """The account has another role; `before` is what it had."""

    topic: ClassVar[str] = "identity.role_changed"
    user_id: UUID
    role: str
    before: str


@dataclass(frozen=True, slots=True)
class LoggedOutEverywhere(Event):
    """Every login of the account was ended."""

    topic: ClassVar[str] = "identity.logged_out_everywhere"
    user_id: UUID
