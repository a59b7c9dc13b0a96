"""Calls whose effects are taken back."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from sqlalchemy import Connection, text

from app.platform import db
from app.platform.db import SessionFactory


@contextmanager
def undone() -> Iterator[Connection]:
    """Let all transactions of this thread be savepoints of one, which is rolled back in the end.

    What is read without a transaction is read in it, too.
    """
    engine = SessionFactory.kw["bind"]
    with engine.connect() as connection:
        outer = connection.begin()
        SessionFactory.configure(bind=connection, join_transaction_mode="create_savepoint")
        try:
            with patch.object(db, "_without_transactions", lambda bind: bind):
                yield connection
        finally:
            SessionFactory.configure(bind=engine, join_transaction_mode="conditional_savepoint")
            outer.rollback()


def has_written(connection: Connection) -> bool:
    """Whether anything was written since the beginning, even if it was taken back."""
    return connection.scalar(text("SELECT pg_current_xact_id_if_assigned()")) is not None


def is_audited(connection: Connection, request_id: str) -> bool:
    """Whether the audit log has an entry of this request."""
    found = text("SELECT EXISTS (SELECT FROM audit_log WHERE request_id = :request_id)")
    return bool(connection.scalar(found, {"request_id": request_id}))
