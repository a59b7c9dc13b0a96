"""The Celery app, and what each of its processes does before its first task."""

import gc
import time
from typing import Any

from celery import Celery
from celery.signals import (
    setup_logging,
    task_failure,
    task_postrun,
    task_prerun,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
)

from app.platform import garbage

with garbage.left_alone():
    from app.events.subscriptions import is_consumer
    from app.ops.services import watching
    from app.platform import context, db, error_reports
    from app.platform import settings as installed
    from app.platform.cache import changes
    from app.platform.logging import start_logging
    from app.platform.redis_server import forgetful
    from tasks import doorbell, draining, exporter, heartbeat, measures
    from tasks.connections import EagerAMQP

app = Celery("backroom", amqp=EagerAMQP)
app.config_from_object("celeryconfig")


@setup_logging.connect
def _log_as_the_api_does(**_: Any) -> None:
    from celeryconfig import settings  # read only when a process of Celery starts

    start_logging(settings.log_level)


@worker_init.connect
def _share_what_is_loaded(**_: Any) -> None:
    """Before the fork: the collector writes to what it looks at, and a page that is written to is copied."""
    gc.collect()
    gc.freeze()


@worker_process_init.connect
def _begin_child(**_: Any) -> None:
    """After the fork: an engine of its own, the doorbell, and the thread that renews leases."""
    from celeryconfig import settings

    installed.install(settings)
    watching.start(settings, db.start_engine(settings), role="worker")
    changes.start(forgetful(settings), settings.cache)
    doorbell.install(app, settings)
    heartbeat.start(settings.lease)
    draining.start()


@worker_process_shutdown.connect
def _end_child(**_: Any) -> None:
    watching.stop()


@worker_ready.connect
def _serve_metrics(**_: Any) -> None:
    """In the parent, after it has forked: the children inherit no listening socket."""
    from celeryconfig import settings

    exporter.start(settings.monitoring)


@task_prerun.connect
def _begin_task(task: Any, **_: Any) -> None:
    """Forget what the process did before: its request is none of this task's."""
    context.begin(task=task.name, actor="worker")
    vars(task.request)["began"] = time.perf_counter()


@task_postrun.connect
def _measure(task: Any, state: str | None, **_: Any) -> None:
    """Deliveries have numbers of their own. What the time limit killed, its relay or period tells."""
    if is_consumer(task.name):
        return
    measures.RUNS.labels(task.name, "done" if state == "SUCCESS" else "failed").inc()
    measures.RUN_SECONDS.labels(task.name).observe(time.perf_counter() - vars(task.request)["began"])


@task_failure.connect
def _report(exception: BaseException, **_: Any) -> None:
    """What a consumer raises ends in its outcome; this is for the other tasks."""
    error_reports.report(exception)
