"""Passwords, hashed as OWASP's Password Storage sheet asks: argon2id with 19 MiB, two passes, one lane."""

import secrets
import threading
from dataclasses import dataclass

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from app.platform.errors import Invalid

SHORTEST, LONGEST = 8, 128
CONCURRENT_HASHES = 4
"""Each takes 19 MiB and a core for about 25 ms; a flood of logins must not take the process."""

BCRYPT_PREFIXES = ("$2a$", "$2b$", "$2y$")
BCRYPT_LONGEST = 72
"""bcrypt never looked at more bytes than these."""

# What guessers try first. Longer lists belong to a service that knows leaked passwords.
COMMON = frozenset(
    {"password", "password1", "password123", "passw0rd", "12345678", "123456789", "1234567890", "11111111"}
    | {"00000000", "87654321", "qwertyui", "qwerty123", "1q2w3e4r", "iloveyou", "sunshine", "princess"}
    | {"football", "baseball", "superman", "trustno1", "welcome1", "letmein1", "abcd1234", "changeme"}
)

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_slots = threading.BoundedSemaphore(CONCURRENT_HASHES)
# Checked when nobody has the address, so that the answer takes as long as for a wrong password.
_nobody = _hasher.hash(secrets.token_urlsafe())


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password is right, and whether its hash should be made anew with today's parameters."""

    right: bool
    outdated: bool


def hash_password(password: str) -> str:
    """The argon2id hash; about 25 ms of a core. Raises Invalid for one that guessers try first."""
    if password.lower() in COMMON:
        raise Invalid(
            "This password is one of the most common ones. Choose another.",
            errors={"password": ["Too common."]},
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
