"""Reading cursors: they come back from outside, so nothing in them is taken on trust."""

from typing import Any

LARGEST_INTEGER = 2**63 - 1


def whole(value: Any) -> int:
    """A number that the database can compare with. Raises ValueError."""
    if type(value) is not int or abs(value) > LARGEST_INTEGER:
        raise ValueError
    return value


def plain_text(value: Any) -> str:
    """A text that the database can compare with. Raises ValueError."""
    if type(value) is not str or "\x00" in value:
        raise ValueError
    return value
