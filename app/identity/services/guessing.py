"""Passwords may be tried a few times only. What was tried is in PostgreSQL: it survives a flush of Redis.

Tries are counted for the account, unless they come from an address from which its owner has logged in: those
are counted apart, for this account and this address alone. So nobody else's tries keep the owner out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnElement, Interval, func, select, type_coerce, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.identity.errors import TooManyLogins
from app.identity.models import KnownAddress, LoginTries
from app.platform.forgetting import delete_some
from app.platform.tokens import derived_token

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from config import LoginLimits

ADDRESS_KEPT_FOR = timedelta(days=90)
"""How long an address is known after the last login from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """From where somebody tries, and by which rules. `key` keeps what is stored from being traced back."""

    address: str
    key: str
    limits: "LoginLimits"

    def fingerprint(self, kind: str, *facts: str) -> str:
        """By what a subject is known in the database, which holds neither mail nor network addresses."""
        return derived_token(self.key, purpose=f"login tries of {kind}", facts=facts)


@dataclass(frozen=True, slots=True)
class _Subject:
    fingerprint: str
    limit: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that was let through, and what it was counted for."""

    origin: Origin
    subjects: Sequence[_Subject]


def admit(session: Session, *, email: str, user_id: UUID | None, origin: Origin) -> Attempt:
    """Count a try with a password before it is looked at, so that many at once are no way around.

    `email` in its normal spelling; `user_id` is None when nobody has it, and then all goes the same. Raises
    TooManyLogins, and then counts nothing.
    """
    subjects = _subjects(session, email, user_id, origin)
    for subject in subjects:
        if not _counted(session, subject, origin.limits.window):
            raise TooManyLogins(
                "Too many wrong passwords. Wait, or log in from where you did before.",
                retry_after=_wait(session, subject, origin.limits.window),
            )
    return Attempt(origin, subjects)


def forgive(session: Session, attempt: Attempt, user_id: UUID) -> None:
    """Take back what was counted for the right password, and know the address from now on."""
    for subject in attempt.subjects:
        session.execute(
            update(LoginTries)
            .where(LoginTries.fingerprint == subject.fingerprint)
            .values(free_at=LoginTries.free_at - attempt.origin.limits.window / subject.limit)
        )
    remember(session, user_id, attempt.origin)


def remember(session: Session, user_id: UUID, origin: Origin) -> None:
    """Know this address as one of the user's from now on."""
    row = insert(KnownAddress).values(
        user_id=user_id, fingerprint=origin.fingerprint("address", origin.address), seen_at=func.now()
    )
    again = row.on_conflict_do_update(
        index_elements=["user_id", "fingerprint"], set_={"seen_at": row.excluded.seen_at}
    )
    session.execute(again)


def forget_old(session: Session, *, limit: int) -> int:
    """Delete what limits nobody any more and addresses not seen for 90 days; the answer is how many.

    Of each up to `limit`.
    """
    over = delete_some(session, LoginTries, LoginTries.free_at < func.now(), limit=limit)
    return over + delete_some(session, KnownAddress, ~_is_fresh(), limit=limit)


def _subjects(session: Session, email: str, user_id: UUID | None, origin: Origin) -> Sequence[_Subject]:
    here = origin.fingerprint("address", origin.address)
    seen = select(KnownAddress.seen_at).where(
        KnownAddress.user_id == user_id, KnownAddress.fingerprint == here, _is_fresh()
    )
    limits = origin.limits
    if session.scalar(seen) is not None:
        return [_Subject(origin.fingerprint("owner", email, origin.address), limits.per_account)]
    # In this order everywhere: two tries that share one wait for each other, and never in a circle.
    return [
        _Subject(origin.fingerprint("account", email), limits.per_account),
        _Subject(here, limits.per_address),
    ]


def _counted(session: Session, subject: _Subject, window: timedelta) -> bool:
    """Count one more, unless that is one too many. Each takes its share of the window to be forgotten."""
    share = window / subject.limit
    free_at = func.greatest(LoginTries.free_at, func.now()) + share
    first = insert(LoginTries).values(fingerprint=subject.fingerprint, free_at=func.now() + share)
    counted = first.on_conflict_do_update(
        index_elements=["fingerprint"],
        set_={"free_at": free_at},
        where=free_at <= func.now() + window,
    ).returning(LoginTries.fingerprint)
    return session.scalar(counted) is not None


def _wait(session: Session, subject: _Subject, window: timedelta) -> int:
    """Seconds until the next try is counted."""
    left = session.scalars(
        select(type_coerce(LoginTries.free_at - func.now(), Interval)).where(
            LoginTries.fingerprint == subject.fingerprint
        )
    ).one()
    wait = left + window / subject.limit - window
    return max(1, int(wait.total_seconds()) + 1)


def _is_fresh() -> ColumnElement[bool]:
    return KnownAddress.seen_at > func.now() - ADDRESS_KEPT_FOR
