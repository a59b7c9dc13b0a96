from collections.abc import Iterator

import pytest

from tests.outgoing.receiver import Receiver, listening


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A third party that listens on this machine."""
    with listening() as made:
        yield made
