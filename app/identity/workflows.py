"""Whatever takes a password: it is hashed between two transactions, because it takes 25 ms of a core.

All of it raises Unavailable when too many others are at it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.events.services import publish
from app.identity import queries
from app.identity.errors import LoginFailed, WrongPassword
from app.identity.events import GuestSignedIn
from app.identity.models import User
from app.identity.queries import Credentials
from app.identity.services import (
    OpenSession,
    create_user,
    guessing,
    hash_password,
    links,
    open_session,
    proofs,
    revoke_all,
)
from app.identity.services.guessing import Attempt, Origin
from app.identity.services.passwords import in_line, rehash_password, verify_password
from app.identity.services.sessions import lock_login, note_password
from app.identity.services.standing import lock_owner
from app.identity.services.users import mailable_email, normal_email
from app.platform.db import transaction

_WRONG = "This is not the password of your account."


@in_line()
def register(
    *,
    email: str,
    password: str,
    full_name: str,
    phone: str | None,
    lifetime: timedelta,
    origin: Origin,
    verification_lifetime: timedelta,
    locale: str,
    guest: str | None = None,
) -> OpenSession:
    """Add a customer and log them in; a mail in the language of `locale` asks them to prove the address.

    `guest` is the hash of the guest's token that they hold; its cart and orders will be theirs. Raises
    EmailTaken, and Invalid for the address or the password.
    """
    address = mailable_email(email)
    password_hash = hash_password(password, email=address)
    with transaction() as session:
        user = create_user(
            session,
            email=address,
            password_hash=password_hash,
            full_name=full_name,
            phone=phone,
            locale=locale,
        )
        guessing.remember(session, user.id, origin)
        proofs.request_verification(session, user.id, lifetime=verification_lifetime)
        return _enter(session, user.id, password_hash, lifetime, guest)


@in_line()
def log_in(
    *, email: str, password: str, lifetime: timedelta, origin: Origin, guest: str | None = None
) -> OpenSession:
    """Open a session. Raises TooManyLogins and LoginFailed, both as soon whether or not the account exists.

    `guest` as in `register`. A hash of another kind, or of weaker parameters than today's, is replaced on the
    way.
    """
    with transaction() as session:
        known = queries.credentials(session, normal_email(email))
        user_id = known.user_id if known else None
        attempt = guessing.admit(session, email=normal_email(email), user_id=user_id, origin=origin)
    verdict = verify_password(known.password_hash if known else None, password)
    if known is None or not verdict.right or not known.active:
        raise LoginFailed("The email address or the password is wrong.")
    password_hash = known.password_hash
    if verdict.outdated:
        password_hash = _replace_hash(known, rehash_password(password))
    with transaction() as session:
        # The account's row first, as everywhere: a step-up at this moment locks it, then the same tries.
        opened = _enter(session, known.user_id, password_hash, lifetime, guest)
        guessing.forgive(session, attempt, known.user_id)
        return opened


@in_line()
def reset_password(*, token: str, password: str, secrets: Sequence[str]) -> None:
    """Set a new password by the token of a mail's link; every login of the account ends.

    `secrets` are the keys whose tokens are believed. Raises LinkNotValid, and Invalid for the password.
    """
    with transaction() as session:
        email = links.check(session, token, purposes={links.RESET}, secrets=secrets).email
    password_hash = hash_password(password, email=email)
    with transaction() as session:
        link = links.check(session, token, purposes={links.RESET}, secrets=secrets)
        proofs.reset_password(session, link, password_hash)


@in_line()
def change_password(
    *, user_id: UUID, session_id: UUID, current_password: str, password: str, origin: Origin
) -> None:
    """Set a new password by the present one; every login of the account but this one ends.

    Raises WrongPassword, TooManyLogins, Invalid for the new one, and NotAuthenticated when the login has
    ended meanwhile.
    """
    checked = _check_password(user_id, current_password, origin)
    password_hash = hash_password(password, email=checked.email)
    with transaction() as session:
        user = _lock_checked(session, checked, session_id)
        proofs.set_password(session, user, password_hash)
        revoke_all(session, user_id, but=session_id)
        note_password(session, session_id)


@in_line()
def step_up(*, user_id: UUID, session_id: UUID, password: str, origin: Origin) -> None:
    """Have a login's holder prove by the password who they are.

    Raises WrongPassword, TooManyLogins, and NotAuthenticated when the login has ended meanwhile.
    """
    checked = _check_password(user_id, password, origin)
    with transaction() as session:
        _lock_checked(session, checked, session_id)
        note_password(session, session_id)


@dataclass(frozen=True, slots=True)
class _Checked:
    """A password that was right a moment ago, when the account had this hash."""

    user_id: UUID
    email: str
    password_hash: str
    attempt: Attempt


def _check_password(user_id: UUID, password: str, origin: Origin) -> _Checked:
    """A password of somebody who is logged in is as hard to guess as one at the door."""
    with transaction() as session:
        user = queries.profile(session, user_id)
        attempt = guessing.admit(session, email=user.email, user_id=user_id, origin=origin)
    if not verify_password(user.password_hash, password).right:
        raise WrongPassword(_WRONG)
    return _Checked(user_id, user.email, user.password_hash, attempt)


def _lock_checked(session: Session, checked: _Checked, session_id: UUID) -> User:
    """The account and the login, locked, when neither has ended nor got another password since the check."""
    user = lock_owner(session, checked.user_id)
    lock_login(session, session_id)
    if user.password_hash != checked.password_hash:
        raise WrongPassword(_WRONG)
    guessing.forgive(session, checked.attempt, checked.user_id)
    return user


def _enter(
    session: Session, user_id: UUID, password_hash: str, lifetime: timedelta, guest: str | None
) -> OpenSession:
    if guest is not None:
        publish(session, GuestSignedIn(user_id=user_id, token_hash=guest))
    return open_session(session, user_id=user_id, password_hash=password_hash, lifetime=lifetime)


def _replace_hash(known: Credentials, password_hash: str) -> str:
    """Keep this hash from now on; the answer is the same."""
    with transaction() as session:
        session.execute(
            # Only the hash that was verified: the password may have been changed meanwhile.
            update(User)
            .where(User.id == known.user_id, User.password_hash == known.password_hash)
            .values(password_hash=password_hash)
        )
    return password_hash
