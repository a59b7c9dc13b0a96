from collections.abc import Iterator

import pytest

from config import Settings
from tests.streams.process import LiveProcess, live_process


@pytest.fixture(scope="session")
def live_started(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    """One process for all tests of this run."""
    with live_process(settings, tmp_path_factory.mktemp("live")) as process:
        yield process


@pytest.fixture
def live(live_started: LiveProcess) -> LiveProcess:
    """The live process, up; started again if a test has ended it."""
    live_started.running()
    return live_started
