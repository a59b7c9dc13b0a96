"""The yardstick of deliveries: a Celery that keeps the shop's habits, with a task that does nothing."""

import os

from celery import Celery

QUEUE = "bare"


def bare(broker_url: str) -> Celery:
    """An app whose only task is `nothing`, acknowledged late and fetched one by one, as the shop's are."""
    made = Celery(QUEUE, broker=broker_url)
    made.conf.update(
        broker_connection_retry_on_startup=True,
        task_acks_late=True,
        task_default_queue=QUEUE,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
    )
    made.task(name="nothing")(_nothing)
    return made


def _nothing(_identifier: str) -> None:
    pass


app = bare(os.environ.get("CELERY_BROKER_URL", ""))
