"""What a cell may hold: the same as a field of the API, given as text or as a JSON value."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

import orjson

from app.catalog.queries.references import SLUG
from app.platform.ids import is_id

MOST_ATTRIBUTES = 50
LARGEST_NUMBER = 2**53
LONGEST_SHOWN = 200
Parser = Callable[[Any], Any]


class Unreadable(ValueError):
    """The value cannot be taken; the message says what it must be."""


def text(most: int = 200, *, least: int = 1) -> Parser:
    """A trimmed text of so many characters that PostgreSQL can store."""

    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise Unreadable("Must be a text.")
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise Unreadable("Contains a character that is no text.")
        trimmed = value.strip()
        if not least <= len(trimmed) <= most:
            raise Unreadable(f"Must have {least} to {most} characters.")
        return trimmed

    return parse


def matching(pattern: str, *, most: int, like: str) -> Parser:
    """A text that fits a pattern wholly."""
    known, plain = re.compile(pattern), text(most)

    def parse(value: Any) -> str:
        given: str = plain(value)
        if known.fullmatch(given) is None:
            raise Unreadable(f"Must be like {like}.")
        return given

    return parse


def slug(value: Any) -> str:
    """The readable part of a product's address."""
    given: str = _like_a_slug(value)
    if is_id(given):
        raise Unreadable("Must not be like an id.")
    return given


_like_a_slug = matching(SLUG.pattern, most=100, like="garden-chair")


def whole(least: int, most: int) -> Parser:
    """A whole number in digits."""

    def parse(value: Any) -> int:
        number = _integer(value)
        if number is None or not least <= number <= most:
            raise Unreadable(f"Must be a whole number from {least} to {most}.")
        return number

    return parse


def _integer(value: Any) -> int | None:
    if type(value) is int:
        return value
    digits = value.strip() if isinstance(value, str) else ""
    # No more digits than any of our numbers has: Python refuses to read thousands of them.
    return int(digits) if re.fullmatch(r"[0-9]{1,15}", digits) else None


def yes_or_no(value: Any) -> bool:
    """True or false, in whatever letters."""
    known = {"true": True, "false": False}
    given = str(value).strip().lower() if isinstance(value, str | bool) else ""
    if given not in known:
        raise Unreadable("Must be true or false.")
    return known[given]


def one_of(words: Collection[str]) -> Parser:
    """One of these words."""

    def parse(value: Any) -> str:
        given = value.strip() if isinstance(value, str) else ""
        if given not in words:
            raise Unreadable(f"Must be one of {', '.join(words)}.")
        return given

    return parse


def user_id(value: Any) -> UUID:
    """The id of an account."""
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError) as error:
        raise Unreadable("Must be an id.") from error


def attributes(value: Any) -> dict[str, Any]:
    """A flat table of facts; a text is one in JSON."""
    table = _object(value)
    if len(table) > MOST_ATTRIBUTES:
        raise Unreadable(f"Must have {MOST_ATTRIBUTES} attributes at most.")
    return {_key(name): _scalar(fact) for name, fact in table.items()}


_key, _fact = text(64), text(least=0)


def _object(value: Any) -> Mapping[str, Any]:
    try:
        found = orjson.loads(value) if isinstance(value, str) else value
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Unreadable('Must be an object like {"color": "red"}.')
    return found


def _scalar(value: Any) -> Any:
    if isinstance(value, bool) or (isinstance(value, int | float) and abs(value) <= LARGEST_NUMBER):
        return value
    if isinstance(value, str):
        return _fact(value)
    raise Unreadable("An attribute must be a text, a number up to 2^53, true or false.")
