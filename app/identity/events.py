"""Facts about accounts."""

from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class ApiKeyMade(Event):
    """An admin has made an API key for a third party."""

    topic: ClassVar[str] = "identity.api_key_made"
    key_id: UUID
    client_id: UUID


@dataclass(frozen=True, slots=True)
class ApiKeyReplaced(Event):
    """An API key has a successor, and ends after the time that both work."""

    topic: ClassVar[str] = "identity.api_key_replaced"
    key_id: UUID
    by_key_id: UUID


@dataclass(frozen=True, slots=True)
class ApiKeyRevoked(Event):
    """An API key opens nothing any more."""

    topic: ClassVar[str] = "identity.api_key_revoked"
    key_id: UUID


@dataclass(frozen=True, slots=True)
class PasswordResetRequested(Event):
    """Somebody asked to reset the password of an address; whether it has an account, the link's row knows."""

    topic: ClassVar[str] = "identity.password_reset_requested"
    link_id: UUID


@dataclass(frozen=True, slots=True)
class PasswordChanged(Event):
    """The account has another password."""

    topic: ClassVar[str] = "identity.password_changed"
    change_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class VerificationRequested(Event):
    """The owner is to prove the account's address."""

    topic: ClassVar[str] = "identity.verification_requested"
    link_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class EmailVerified(Event):
    """The owner has proved the account's address."""

    topic: ClassVar[str] = "identity.email_verified"
    user_id: UUID


@dataclass(frozen=True, slots=True)
class EmailChangeRequested(Event):
    """The owner wants another address, and is to prove it."""

    topic: ClassVar[str] = "identity.email_change_requested"
    link_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class EmailChanged(Event):
    """The account has another address, which is proved; the link's row knows the old one."""

    topic: ClassVar[str] = "identity.email_changed"
    link_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class AccountDeleted(Event):
    """The owner has deleted the account; whoever knows something of the person forgets it.

    `proved_at` is when it was proved that the last address is the owner's; None if it never was.
    """

    topic: ClassVar[str] = "identity.account_deleted"
    user_id: UUID
    proved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SellerApplied(Event):
    """A user wants to sell here."""

    topic: ClassVar[str] = "identity.seller_applied"
    application_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class SellerDecided(Event):
    """An admin has decided whether a user may sell here; a reason stands with the application."""

    topic: ClassVar[str] = "identity.seller_decided"
    application_id: UUID
    user_id: UUID
    approved: bool
