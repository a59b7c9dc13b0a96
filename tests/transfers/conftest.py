from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from app.ops.services import doctor
from app.platform.db import transaction
from tests.transfers.clerk import Clerk, make_clerk


@pytest.fixture
def clerk(client: FlaskClient) -> Iterator[Clerk]:
    """An admin on an empty database; in the end the books are right."""
    yield make_clerk(client)
    with transaction() as session:
        assert doctor.broken(doctor.examine(session)) == []
