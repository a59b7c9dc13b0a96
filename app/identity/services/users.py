"""Accounts: making, changing and addressing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Select, bindparam, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.identity.errors import EmailTaken
from app.identity.models import SELLERS, User
from app.identity.queries import name_scope
from app.identity.services import consents
from app.platform.cache.changes import changed
from app.platform.db import table_of
from app.platform.errors import Invalid, NotAuthenticated
from app.platform.ids import new_id
from app.platform.locales import DEFAULT_LANGUAGE


@dataclass(frozen=True, slots=True)
class Contact:
    """How to address somebody, in which language, and of which kinds they want no mails.

    `is_proved`: they have shown that the address is theirs.
    """

    email: str
    full_name: str
    locale: str
    declined_mails: Sequence[str] = ()
    is_proved: bool = False


def normal_email(text: str) -> str:
    """The one spelling of an address that accounts are kept under. Raises Invalid for what is none."""
    try:
        # Names under .test never receive mail; rehearsals and load tests need such people.
        address = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Invalid("This is no email address.", errors={"email": [str(error)]}) from error
    return address.normalized.lower()


def mailable_email(text: str) -> str:
    """The same spelling of an address that we will write to.

    Raises Invalid for what is none, too, and unless it is ASCII before the @: few mail servers take more, and
    so we send nothing there.
    """
    email = normal_email(text)
    if not email.rpartition("@")[0].isascii():
        raise Invalid(
            "We cannot write to this address: give another one.",
            errors={"email": ["Must be ASCII before the @."]},
        )
    return email


def create_user(
    session: Session,
    *,
    email: str,
    password_hash: str,
    full_name: str,
    role: str = "customer",
    phone: str | None = None,
    locale: str = DEFAULT_LANGUAGE,
) -> User:
    """Add an account. `password_hash` is of `hash_password`, or bcrypt of an import.

    Raises EmailTaken, and Invalid for a malformed address.
    """
    account = insert(User).values(
        id=new_id(),
        email=normal_email(email),
        password_hash=password_hash,
        full_name=full_name,
        role=role,
        phone=phone,
        locale=locale,
    )
    added = account.on_conflict_do_nothing(index_elements=["email"]).returning(User)
    user = session.scalars(added).one_or_none()
    if user is None:
        raise EmailTaken("There is an account with this email address: log in, or use another.")
    return user


def change_profile(session: Session, user_id: UUID, changes: dict[str, Any]) -> User:
    """Set the given ones of full_name, phone, locale, cart_reminders, text_messages, declined_mails.

    Answers the account after it. Raises NotAuthenticated when it is closed meanwhile.
    """
    is_open = (User.id == user_id, User.status == "active")
    values = consents.as_kept(changes)
    change = update(User).where(*is_open).values(**values, updated_at=func.now())
    refreshed = change.returning(User).execution_options(populate_existing=True)
    user = session.scalars(refreshed).one_or_none()
    if user is None:
        raise NotAuthenticated("This account is not open any more.")
    changed(session, name_scope(user_id))
    return user


def contact(session: Session, user_id: UUID) -> Contact:
    """How to address an existing user."""
    return Contact(*session.execute(_contact(), {"user_id": user_id}).one())


@cache
def _contact() -> Select[str, str, str]:
    users = table_of(User).c
    return select(users.email, users.full_name, users.locale).where(users.id == bindparam("user_id"))


def reachable(session: Session, user_id: UUID) -> Contact | None:
    """How to address the owner of an account; None for one that is deleted."""
    is_proved = User.email_verified_at.is_not(None)
    columns = (User.email, User.full_name, User.locale, User.declined_mails, is_proved)
    row = session.execute(select(*columns).where(User.id == user_id, User.deleted_at.is_(None))).one_or_none()
    return Contact(*row) if row else None


def number_for_texts(session: Session, user_id: UUID) -> str | None:
    """The phone of a user who agreed to text messages, like +442079460958; None if it is no such number."""
    agreed = User.text_messages_at.is_not(None), User.status == "active"
    phone = session.scalar(select(User.phone).where(User.id == user_id, *agreed))
    try:
        number = phonenumbers.parse(phone or "")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def guest(email: str, locale: str) -> Contact:
    """How to address somebody without an account. Raises Invalid unless we can write there."""
    return Contact(mailable_email(email), "", locale)


def may_sell(session: Session, user_id: UUID) -> bool:
    """Whether this is an active account of a seller or an admin."""
    seller = exists().where(User.id == user_id, User.role.in_(SELLERS), User.status == "active")
    return bool(session.scalar(select(seller)))


def any_user(session: Session) -> bool:
    """Whether there is any account at all; a fresh database has none."""
    return bool(session.scalar(select(exists().select_from(User))))
