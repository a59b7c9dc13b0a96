import os
from unittest.mock import patch

import pytest
from celery import Celery

from config import Settings
from tests.tasks.environment import environment


@pytest.fixture(scope="session")
def celery(settings: Settings) -> Celery:
    """The shop's Celery app with all its tasks."""
    with patch.dict(os.environ, environment(settings, settings.celery_broker_url)):
        from tasks.celery import app

        app.loader.import_default_modules()
        app.finalize()
    return app
