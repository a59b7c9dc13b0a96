from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.platform import settings as installed
from config import Settings
from tests.notifications.conftest import post as post  # a fixture of these tests, too
from tests.ops.scraped import Numbers

Scrape = Callable[[], Numbers]
Told = Callable[..., Settings]


@pytest.fixture
def scrape(client: FlaskClient) -> Scrape:
    """The numbers of this process's page as they are now; the backlog is asked for anew."""

    def page() -> Numbers:
        client.application.extensions["database_collector"].forget()
        answer = client.get("/metrics")
        assert answer.status_code == 200
        return Numbers.of(answer.get_data(as_text=True))

    return page


@pytest.fixture
def told(settings: Settings) -> Iterator[Told]:
    """Install the settings with other words about monitoring, till the end of the test."""

    def change(app_env: str = "development", **values: Any) -> Settings:
        monitoring = replace(settings.monitoring, **values)
        changed = replace(settings, app_env=app_env, monitoring=monitoring)
        installed.install(changed)
        return changed

    yield change
    installed.install(settings)
