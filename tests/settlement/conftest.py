from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection

from tests import undoing


@pytest.fixture
def undone(app: Flask) -> Iterator[Connection]:
    """All that commits on this thread does so into one transaction, which is rolled back at the end.

    Cheap, and so for tests that live through much. `begin_nested()` of the connection undoes a part of it.
    Inside, `now()` stands still.
    """
    with undoing.undone() as connection:
        yield connection
