"""The process's clock, for tokens and logs. Deadlines in data use the database's `now()` instead."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)
