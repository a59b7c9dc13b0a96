"""Forgetting whoever deletes their account: what is left is an id, for the books."""

from uuid import UUID

from sqlalchemy import delete, func
from sqlalchemy.orm import Session

from app.events.services import publish
from app.identity.errors import AccountInUse
from app.identity.events import AccountDeleted
from app.identity.models import Address, KnownAddress, MailLink, SellerApplication, UserSession
from app.identity.queries import name_scope
from app.identity.services import passwords
from app.identity.services.standing import lock_user
from app.platform.cache.changes import changed
from app.platform.locales import DEFAULT_LANGUAGE

PERSONAL = (UserSession, MailLink, Address, KnownAddress, SellerApplication)
"""What belongs to a user alone and goes with them."""


def delete_account(session: Session, user_id: UUID) -> None:
    """Delete a customer's account: every login is over, the address is free, nothing names the person.

    Others forget what they know by the event. Orders stay, and forget their buyer when they are long over.
    Locks the account. Raises AccountInUse for sellers and admins, and NotFound.
    """
    user = lock_user(session, user_id)
    if user.role != "customer":
        raise AccountInUse(
            "Accounts of sellers and admins are deleted once an admin has made them customers."
        )
    for model in PERSONAL:
        session.execute(delete(model).where(model.user_id == user_id))
    proved_at = user.email_verified_at
    user.email, user.full_name, user.phone = f"{user_id}@deleted.invalid", "Deleted account", None
    user.shop_name = None
    user.password_hash, user.locale = passwords.unusable_hash(), DEFAULT_LANGUAGE
    user.email_verified_at = user.last_login_at = user.cart_reminders_at = None
    user.text_messages_at, user.declined_mails = None, []
    user.status, user.deleted_at, user.updated_at = "deleted", func.now(), func.now()
    changed(session, name_scope(user_id))
    publish(session, AccountDeleted(user_id=user_id, proved_at=proved_at))
