"""Accounts and their logins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base
from app.platform.ids import new_id

DEFAULT_LOCALE = "en"


class User(Base):
    """Somebody with an account. The address is kept trimmed and in lower case, so that it is unique."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('customer', 'seller', 'admin')", name="role_known"),
        CheckConstraint("status IN ('active', 'suspended')", name="status_known"),
        CheckConstraint("email = lower(btrim(email))", name="email_normal"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    full_name: Mapped[str]
    phone: Mapped[str | None]
    role: Mapped[str] = mapped_column(server_default="customer")
    status: Mapped[str] = mapped_column(server_default="active")
    locale: Mapped[str] = mapped_column(server_default=DEFAULT_LOCALE)
    email_verified_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class UserSession(Base):
    """One login, and the family of refresh tokens that grew from it.

    Only `refresh_jti` may be exchanged; `previous_jti` is the one it replaced at `rotated_at`.
    """

    __tablename__ = "user_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    refresh_jti: Mapped[UUID]
    previous_jti: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    rotated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
