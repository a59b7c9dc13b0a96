from collections.abc import Iterator
from unittest.mock import patch

import pytest
from flask import Flask
from sqlalchemy import Connection

from app.platform import db
from app.platform.db import SessionFactory


@pytest.fixture
def undone(app: Flask) -> Iterator[Connection]:
    """All that commits on this thread does so into one transaction, which is rolled back at the end.

    Cheap, and so for tests that live through much. `begin_nested()` of the connection undoes a part of it.
    Inside, `now()` stands still.
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
