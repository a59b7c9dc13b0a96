"""Passwords, hashed as OWASP's Password Storage sheet asks: argon2id with 19 MiB, two passes, one lane."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from app.platform.errors import Invalid, Unavailable

SHORTEST, LONGEST = 8, 128
CONCURRENT_HASHES = 4
"""Each takes 19 MiB and a core for about 25 ms; a flood of logins must not take the process."""

BCRYPT_PREFIXES = ("$2a$", "$2b$", "$2y$")
BCRYPT_LONGEST = 72
"""bcrypt never looked at more bytes than these."""

MOST_IN_LINE = 6
"""Calls with passwords that may run or wait: a process has eight threads, and others want some of them."""

_LIST = Path(__file__).with_name("common_passwords.txt").read_text("ascii").splitlines()
COMMON = frozenset(word for word in _LIST if not word.startswith("#"))
"""What guessers try first. Longer lists belong to a service that knows leaked passwords."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_slots = threading.BoundedSemaphore(CONCURRENT_HASHES)
_line = threading.BoundedSemaphore(MOST_IN_LINE)
# Checked when nobody has the address, so that the answer takes as long as for a wrong password.
_nobody = _hasher.hash(secrets.token_urlsafe())


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password is right, and whether its hash should be made anew with today's parameters."""

    right: bool
    outdated: bool


@contextmanager
def in_line() -> Iterator[None]:
    """Do what takes a password, unless too many are at it already. Raises Unavailable then, at once."""
    if not _line.acquire(blocking=False):
        raise Unavailable("Too many are logging in at this moment. Send the same again.")
    try:
        yield
    finally:
        _line.release()


def hash_password(password: str, *, email: str) -> str:
    """The argon2id hash; about 25 ms of a core. Raises Invalid for one that guessers try first.

    Those are the most common ones, the address of the account, and what stands in it before the @.
    """
    if password.lower() in COMMON:
        raise Invalid(
            "This password is one of the most common ones. Choose another.",
            errors={"password": ["Too common."]},
        )
    if password.lower() in (email.lower(), email.lower().rpartition("@")[0]):
        raise Invalid(
            "This password is your email address. Choose another.",
            errors={"password": ["Must not be the email address."]},
        )
    return rehash_password(password)


def rehash_password(password: str) -> str:
    """The argon2id hash of a password that was accepted before."""
    with _slots:
        return _hasher.hash(password)


def unusable_hash() -> str:
    """A hash that no password fits."""
    return _nobody


def verify_password(stored: str | None, password: str) -> Verdict:
    """Check a password against a hash of argon2 or of an imported account's bcrypt; None is never right."""
    with _slots:
        if stored is not None and stored.startswith(BCRYPT_PREFIXES):
            return Verdict(_matches_bcrypt(stored, password), outdated=True)
        right = _matches_argon2(stored or _nobody, password) and stored is not None
        return Verdict(right, outdated=right and _hasher.check_needs_rehash(stored or _nobody))


def _matches_bcrypt(stored: str, password: str) -> bool:
    return bcrypt.checkpw(password.encode()[:BCRYPT_LONGEST], stored.encode())


def _matches_argon2(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except VerificationError:
        return False
