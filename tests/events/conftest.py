import pytest

from tests.events.owed import PLAIN, subscribe


@pytest.fixture(autouse=True)
def plain(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """One plain consumer of the tests' event, on an empty database."""
    subscribe(monkeypatch, PLAIN)
