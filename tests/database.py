"""Looking into the database, and making things old, behind the application's back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.platform.db import transaction
from tests.waiting import wait


def rows(statement: str, session: Session | None = None, **values: Any) -> list[tuple[Any, ...]]:
    """What a query answers, in the test's own session or in a new transaction."""
    with _in(session) as asked:
        return [tuple(row) for row in asked.execute(text(statement), values)]


def count(table: str, session: Session | None = None) -> int:
    """How many rows a table has."""
    ((number,),) = rows(f"SELECT count(*) FROM {table}", session)  # noqa: S608  # the tests' own words
    return int(number)


def change(statement: str, session: Session | None = None, **values: Any) -> None:
    """Run a statement that changes rows; in a session of the test, its objects are read anew."""
    with _in(session) as asked:
        asked.execute(text(statement), values)
        asked.expire_all()


def lock_waiters() -> int:
    """How many transactions wait for what another one holds."""
    ours = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    ((number,),) = rows(f"{ours} AND wait_event_type = 'Lock'")
    return int(number)


def outstay(session: Session) -> None:
    """Let the session's transaction do nothing until PostgreSQL has ended it: it may wait for 0.1 s."""
    session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 100"))
    pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    wait(lambda: not rows("SELECT 1 FROM pg_stat_activity WHERE pid = :pid", pid=pid))


def cut_off(session: Session) -> None:
    """End the session's connection behind its back: whatever it does next fails, its commit, too."""
    pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    change("SELECT pg_terminate_backend(:pid)", pid=pid)
    wait(lambda: not rows("SELECT 1 FROM pg_stat_activity WHERE pid = :pid", pid=pid))


@contextmanager
def _in(session: Session | None) -> Iterator[Session]:
    if session is None:
        with transaction() as opened:
            yield opened
    else:
        session.flush()
        yield session
