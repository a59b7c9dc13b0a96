import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from flask import Flask

from tests.platform.routes import Views

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def views(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Views:
    """A place for the test's own views."""
    return Views(app, monkeypatch)


@pytest.fixture
def lines(logged: StringIO) -> Lines:
    """The log's lines so far, each read as the one JSON object that it is."""
    return lambda: [json.loads(line) for line in logged.getvalue().splitlines()]
