"""Accounts and logins. Nothing here commits; hash passwords before opening a transaction."""

from app.identity.services.passwords import hash_password
from app.identity.services.sessions import (
    OpenSession,
    log_out_everywhere,
    open_session,
    renew,
    revoke,
    revoke_all,
)
from app.identity.services.standing import (
    change_role,
    lock_if_kept,
    lock_owner,
    manage,
    reactivate,
    require_recent_password,
    suspend,
)
from app.identity.services.users import Contact, any_user, change_profile, contact, create_user, may_sell

__all__ = [
    "Contact",
    "OpenSession",
    "any_user",
    "change_profile",
    "change_role",
    "contact",
    "create_user",
    "hash_password",
    "lock_if_kept",
    "lock_owner",
    "log_out_everywhere",
    "manage",
    "may_sell",
    "open_session",
    "reactivate",
    "renew",
    "require_recent_password",
    "revoke",
    "revoke_all",
    "suspend",
]
