"""JSON compared as JSON: 1, 1.0 and true are three values there, and one for Python."""

from typing import Any

from sqlalchemy.dialects.postgresql import JSONB


def same(one: Any, other: Any) -> bool:
    """Whether both are the same value of the same type, also within tables."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return type(one) is type(other) and bool(one == other)


class ExactJson(JSONB):
    """A table of scalars, of which a session writes every change, and not only what Python sees of it."""

    cache_ok = True

    def compare_values(self, x: Any, y: Any) -> bool:
        """Asked by SQLAlchemy before it writes."""
        return same(x, y)
