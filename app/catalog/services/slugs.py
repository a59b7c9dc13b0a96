"""The readable part of an address, and what happens when it is taken."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.platform.errors import Conflict
from app.platform.ids import is_id, new_id

LONGEST_SLUG = 80
_NOT_ASCII_WORD = re.compile(r"[^a-z0-9]+")


def slug_of(name: str) -> str:
    """An ASCII slug: "Café Größe 2" is cafe-grosse-2. A name without such letters gets a random one.

    A slug that looks like an id would be taken for one, so it begins with another word.
    """
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    slug = _NOT_ASCII_WORD.sub("-", plain)[:LONGEST_SLUG].strip("-")
    return f"item-{slug or _random()}" if not slug or is_id(slug) else slug


def another_slug(slug: str) -> str:
    """The same slug with an end that nobody else has."""
    return f"{slug}-{_random()}"


def _random() -> str:
    return new_id().hex[-8:]


@contextmanager
def refusing_duplicates(session: Session, taken: Conflict) -> Iterator[None]:
    """Write in a savepoint; raise `taken` when a unique constraint refuses, with the session still usable."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        if isinstance(error.orig, UniqueViolation):
            raise taken from error
        raise
