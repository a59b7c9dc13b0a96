import json
import logging
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from structlog.stdlib import ProcessorFormatter

from tests.platform.routes import Views

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def views(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Views:
    """A place for the test's own views."""
    return Views(app, monkeypatch)


@pytest.fixture
def logged(app: Flask, monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What the application writes to its log from now on."""
    text = StringIO()
    (ours,) = (
        each for each in logging.getLogger().handlers if isinstance(each.formatter, ProcessorFormatter)
    )
    monkeypatch.setattr(ours, "stream", text)
    return text


@pytest.fixture
def lines(logged: StringIO) -> Lines:
    """The log's lines so far, each read as the one JSON object that it is."""
    return lambda: [json.loads(line) for line in logged.getvalue().splitlines()]
