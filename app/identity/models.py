"""Accounts and their logins."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, one_of, some_of
from app.platform.ids import new_id
from app.platform.locales import DEFAULT_LANGUAGE

Role = Literal["customer", "seller", "admin"]
Permission = Literal["catalog", "orders", "refunds", "users", "operations"]
"""What an admin may be allowed one by one."""
Scope = Literal[
    "stock:read",
    "stock:hold",
    "catalog:export",
    "catalog:import",
    "mail:bounce",
    "orders:hear",
    "services:hear",
    "services:notify",
    "webhooks:manage",
]
"""What an API key opens; what is heard, is by its webhook endpoints."""
SELLER_SCOPES: tuple[Scope, ...] = ("stock:read", "stock:hold", "orders:hear", "webhooks:manage")
"""What a key of one seller may open: with the others nobody tells whose things they are."""
PERMISSION_BEHIND: dict[str, Permission] = {
    "stock:read": "catalog",
    "stock:hold": "catalog",
    "catalog:export": "catalog",
    "catalog:import": "catalog",
    "mail:bounce": "operations",
    "orders:hear": "orders",
    "services:hear": "operations",
    "services:notify": "operations",
    "webhooks:manage": "operations",
}
"""What an admin must hold to give a key its scope: nobody gives away more than they have."""

SELLERS = ("seller", "admin")
"""The roles of those who may have articles of their own."""
DECLINABLE_MAILS = ("back_in_stock", "low_stock", "service_alert")
"""The kinds of mails that their readers may have no more."""
ADDRESS_TYPES = ("shipping", "billing")
APPLICATION_STATES = ("pending", "approved", "rejected")


class User(Base):
    """Somebody with an account. The address is kept trimmed and in lower case, so that it is unique.

    `cart_reminders_at` is when they agreed to be reminded of what they left in their cart, if they did, and
    `text_messages_at` when to text messages about their orders. They get no mails of `declined_mails`.
    An admin without `permissions` holds all of them; they mean nothing for other roles. A seller with a
    `shop_name` sells by that name. Of a deleted account only the id and the dates are left.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(one_of("role", get_args(Role)), name="role_known"),
        CheckConstraint("status IN ('active', 'suspended', 'deleted')", name="status_known"),
        CheckConstraint("(status = 'deleted') = (deleted_at IS NOT NULL)", name="deleted_at_given"),
        CheckConstraint("email = lower(btrim(email))", name="email_normal"),
        CheckConstraint(
            some_of("permissions", get_args(Permission)),
            name="permissions_known",
        ),
        CheckConstraint(
            f"declined_mails <@ ARRAY[{', '.join(map(repr, DECLINABLE_MAILS))}]", name="declined_mails_known"
        ),
        Index("ix_users_deleted_at", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    full_name: Mapped[str]
    phone: Mapped[str | None]
    shop_name: Mapped[str | None]
    role: Mapped[str] = mapped_column(server_default="customer")
    permissions: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    status: Mapped[str] = mapped_column(server_default="active")
    locale: Mapped[str] = mapped_column(server_default=DEFAULT_LANGUAGE)
    email_verified_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    cart_reminders_at: Mapped[datetime | None]
    text_messages_at: Mapped[datetime | None]
    declined_mails: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]

    @property
    def cart_reminders(self) -> bool:
        """Whether they have agreed to be reminded of their cart."""
        return self.cart_reminders_at is not None

    @property
    def text_messages(self) -> bool:
        """Whether they have agreed to text messages about their orders."""
        return self.text_messages_at is not None


class UserSession(Base):
    """One login, and the family of refresh tokens that grew from it.

    Only `refresh_jti` may be exchanged; `previous_jti` is the one it replaced at `rotated_at`. The password
    was given last at `authenticated_at`.
    """

    __tablename__ = "user_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    refresh_jti: Mapped[UUID]
    previous_jti: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    rotated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    authenticated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]


class LoginTries(Base):
    """How often a password was tried: each try moves `free_at` further, and time catches up with it."""

    __tablename__ = "login_tries"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    free_at: Mapped[datetime]


class KnownAddress(Base):
    """An address from which the owner of an account has logged in, as a keyed hash."""

    __tablename__ = "known_addresses"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())


class MailLink(Base):
    """What a link in a mail opens, once. Its token is no column: it is made of the row by a key, in the mail.

    Without a user nobody has the address that it was asked for, and no mail is sent: `mailed_at` stays empty.
    `old_email` is what a change of address replaces.
    """

    __tablename__ = "mail_links"
    __table_args__ = (
        CheckConstraint(
            "purpose IN ('password_reset', 'email_verification', 'email_change')", name="purpose_known"
        ),
        CheckConstraint("(user_id IS NULL) = (email IS NULL)", name="email_given"),
        CheckConstraint("(purpose = 'email_change') = (old_email IS NOT NULL)", name="old_email_given"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    purpose: Mapped[str]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    email: Mapped[str | None]
    old_email: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class ApiKey(Base):
    """What a third party authenticates itself by: `prefix` and a secret, of which only the hash is kept.

    `client_id`, that of the first key, stays the same when a key is replaced by another. With a `seller_id`
    it opens only what is this seller's.
    """

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint(some_of("scopes", get_args(Scope)), name="scopes_known"),
        Index("ix_api_keys_created_at_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.id"), index=True)
    name: Mapped[str]
    prefix: Mapped[str] = mapped_column(unique=True)
    secret_hash: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    seller_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Address(Base):
    """An entry of a user's address book; at most one of each type is the default."""

    __tablename__ = "addresses"
    __table_args__ = (
        CheckConstraint(one_of("type", ADDRESS_TYPES), name="type_known"),
        Index("ix_addresses_user_id", "user_id"),
        Index("uq_addresses_default", "user_id", "type", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    type: Mapped[str]
    is_default: Mapped[bool]
    name: Mapped[str]
    company: Mapped[str | None]
    line1: Mapped[str]
    line2: Mapped[str | None]
    city: Mapped[str]
    region: Mapped[str | None]
    postal_code: Mapped[str | None]
    country: Mapped[str]
    phone: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SellerApplication(Base):
    """Somebody wants to sell here; an admin decides. At most one of each user waits."""

    __tablename__ = "seller_applications"
    __table_args__ = (
        CheckConstraint(one_of("status", APPLICATION_STATES), name="status_known"),
        CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name="decided_at_given"),
        CheckConstraint("(status = 'rejected') = (reject_reason IS NOT NULL)", name="reject_reason_given"),
        Index("ix_seller_applications_user_id_created_at", "user_id", "created_at"),
        Index("ix_seller_applications_status_created_at_id", "status", "created_at", "id"),
        Index(
            "uq_seller_applications_pending",
            "user_id",
            unique=True,
            postgresql_where=text("status = 'pending'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    shop_name: Mapped[str]
    text: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="pending")
    reject_reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decided_at: Mapped[datetime | None]
