"""Keyset pages: a cursor holds the sort values of the last row seen, so page 50 costs what page 1 costs."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Generic, TypeVar

import orjson

from app.platform.errors import Invalid

T = TypeVar("T")
LARGEST_INTEGER = 2**63 - 1
LARGEST_SMALL_INTEGER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `next_cursor` is None on the last."""

    items: Sequence[T]
    next_cursor: str | None


def paged(rows: Sequence[T], limit: int, key: Callable[[T], Sequence[Any]]) -> Page[T]:
    """Cut `rows`, of which the query asked for one more than `limit`, into a page.

    `key(row)` gives the row's sort values, the last of them unique.
    """
    if len(rows) <= limit:
        return Page(rows, None)
    items = rows[:limit]
    return Page(items, _cursor(key(items[-1])))


def paged_log(
    rows: Sequence[T],
    limit: int,
    key: Callable[[T], Sequence[Any]],
    *,
    settled: Callable[[T], bool],
    start: Sequence[Any],
) -> Page[T]:
    """The same for a log that others append to: nothing may come to stand before a cursor later.

    Rows from the first on that is not `settled` come (again) on the next page; `start` are the sort values
    that this page began after. The last page shows all.
    """
    if len(rows) <= limit:
        return Page(rows, None)
    items = list(takewhile(settled, rows[:limit]))
    return Page(items, _cursor(key(items[-1]))) if items else Page(rows[:limit], _cursor(start))


def page_to(items: Sequence[T], place: Any | None) -> Page[T]:
    """What was found up to a place of one sort value, beyond which there may be more; None: there is not."""
    return Page(items, None if place is None else _cursor([place]))


def _cursor(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")


def read_cursor(cursor: str | None, *parse: Callable[[Any], Any]) -> tuple[Any, ...] | None:
    """The sort values in a cursor, each parsed. Raises Invalid for a cursor that is none of ours."""
    if cursor is None:
        return None
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return tuple(parser(value) for parser, value in zip(parse, values, strict=True))
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise Invalid(
            "The cursor is not one that this list gave out.",
            errors={"cursor": ["Use next_cursor as it was given."]},
        ) from error


def whole(value: Any) -> int:
    """A number that the database can compare with. Raises ValueError."""
    if type(value) is not int or abs(value) > LARGEST_INTEGER:
        raise ValueError
    return value


def small(value: Any) -> int:
    """A number that fits into a column of type integer. Raises ValueError."""
    if abs(number := whole(value)) > LARGEST_SMALL_INTEGER:
        raise ValueError
    return number


def flag(value: Any) -> bool:
    """Yes or no. Raises ValueError."""
    if type(value) is not bool:
        raise ValueError
    return value


def exactly(expected: str) -> Callable[[Any], str]:
    """A parser that takes this text alone: a cursor of one order means nothing in another."""

    def parse(value: Any) -> str:
        if value != expected:
            raise ValueError
        return expected

    return parse


def plain_text(value: Any) -> str:
    """A text that the database can compare with. Raises ValueError."""
    if type(value) is not str or "\x00" in value:
        raise ValueError
    return value
