"""What a link in a mail is asked for, and what opening it does."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.events.services import publish
from app.identity.errors import EmailTaken, LinkNotValid
from app.identity.events import (
    EmailChanged,
    EmailChangeRequested,
    EmailVerified,
    PasswordChanged,
    PasswordResetRequested,
    VerificationRequested,
)
from app.identity.models import MailLink, User
from app.identity.services import links
from app.identity.services.links import Link
from app.identity.services.sessions import revoke_all
from app.identity.services.standing import lock_owner, lock_user
from app.identity.services.users import mailable_email, normal_email
from app.platform.db import now
from app.platform.ids import new_id


def request_reset(session: Session, *, email: str, lifetime: timedelta) -> None:
    """Owe a mail with which to choose a new password, to the account of this address if there is one.

    Takes the same statements either way: only the worker finds out that there is nobody to write to. Raises
    Invalid for a malformed address.
    """
    owner = select(User).where(User.email == normal_email(email), User.status == "active").subquery()
    link_id = new_id()
    row = insert(MailLink).values(
        id=link_id,
        purpose=links.RESET,
        user_id=select(owner.c.id).scalar_subquery(),
        email=select(owner.c.email).scalar_subquery(),
        expires_at=func.now() + lifetime,
    )
    session.execute(row)
    publish(session, PasswordResetRequested(link_id=link_id))


def reset_password(session: Session, link: Link, password_hash: str) -> None:
    """Set the password that the link was asked for, which ends every login and every other such link.

    Whoever got the mail has proved the address. Locks the account. Raises LinkNotValid for one that was used.
    """
    user = _open(session, link)
    user.email_verified_at = user.email_verified_at or now(session)
    set_password(session, user, password_hash)
    revoke_all(session, user.id)


def set_password(session: Session, user: User, password_hash: str) -> None:
    """Give a locked account another password, and tell its owner; links that would reset it are dead."""
    user.password_hash, user.updated_at = password_hash, now(session)
    links.close_all(session, user.id, links.RESET)
    publish(session, PasswordChanged(change_id=new_id(), user_id=user.id))


def request_verification(session: Session, user_id: UUID, *, lifetime: timedelta) -> None:
    """Owe a mail by which the owner proves the account's address; nothing when that is proved already.

    Locks the account.
    """
    user = lock_owner(session, user_id)
    if user.email_verified_at is None:
        link_id = links.add_link(session, user, links.VERIFICATION, lifetime=lifetime, email=user.email)
        publish(session, VerificationRequested(link_id=link_id, user_id=user_id))


def request_email_change(session: Session, user_id: UUID, *, email: str, lifetime: timedelta) -> None:
    """Owe a mail to a new address, by which its owner takes it for the account, and one to the old address.

    Till it is taken nothing changes. The same whether or not the address has an account; one that has gets no
    mail. Locks the account. Raises Invalid for an address that we cannot write to.
    """
    user, wanted = lock_owner(session, user_id), mailable_email(email)
    link_id = links.add_link(session, user, links.CHANGE, lifetime=lifetime, email=wanted)
    publish(session, EmailChangeRequested(link_id=link_id, user_id=user_id))


def prove_email(session: Session, link: Link) -> None:
    """Take what opening the link proves: the address is the owner's, and the account's from now on.

    After a change the old address is told, and links that were sent there are dead; those of orders are as
    soon as a worker has these follow. Locks the account. Raises LinkNotValid for a link that was used, and
    EmailTaken when another account has the address by now.
    """
    user = _open(session, link)
    user.email_verified_at = user.updated_at = now(session)
    user.email = link.email
    try:
        session.flush()
    except IntegrityError as error:
        raise EmailTaken("Another account has this address by now.") from error
    if link.purpose == links.CHANGE:
        links.close_all(session, user.id, links.RESET, links.VERIFICATION, links.CHANGE)
        publish(session, EmailChanged(link_id=link.id, user_id=user.id))
    else:
        publish(session, EmailVerified(user_id=user.id))


def _open(session: Session, link: Link) -> User:
    """The account that a link is for, locked, when the link still fits it; the link is used then."""
    user = lock_user(session, link.user_id)
    if user.status != "active" or user.email != (link.old_email or link.email):
        raise LinkNotValid.now()
    links.use(session, link)
    return user
