import pytest
from flask.testing import FlaskClient

from tests.inventory.till import Till
from tests.keys import key_headers


@pytest.fixture
def till(client: FlaskClient) -> Till:
    """A point of sale with a key of its own."""
    return Till(client, key_headers("stock:hold"))
