"""The Celery app, and what each of its processes does before its first task."""

from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init

from app.platform import db
from app.platform import settings as installed
from app.platform.logging import start_logging
from tasks import doorbell, heartbeat

app = Celery("backroom")
app.config_from_object("celeryconfig")


@setup_logging.connect
def _log_as_the_api_does(**_: Any) -> None:
    from celeryconfig import settings  # read only when a process of Celery starts

    start_logging(settings.log_level)


@worker_process_init.connect
def _begin_child(**_: Any) -> None:
    """After the fork: an engine of its own, the doorbell, and the thread that renews leases."""
    from celeryconfig import settings

    installed.install(settings)
    db.start_engine(settings)
    doorbell.install(app, settings)
    heartbeat.start(settings.lease)
