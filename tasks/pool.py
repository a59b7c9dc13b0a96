"""The pool of a worker's child processes, which lives through an outage of the broker."""

from typing import Any

from celery.concurrency.asynpool import AsynPool
from celery.concurrency.prefork import TaskPool
from kombu.asynchronous import get_event_loop

SECOND_LOOK_SECONDS = 1.0


class _Children(AsynPool):
    """While the parent reconnects it hears nothing from its children, however long that takes: then all that
    was at work when the broker went looks late, done or not. So it listens once more before it kills.
    """

    def _on_hard_timeout(self, job: int) -> None:
        loop: Any = get_event_loop()  # there is one: it calls this
        look_again = super()._on_hard_timeout  # type: ignore[misc]  # its stubs leave it out
        loop.call_later(SECOND_LOOK_SECONDS, look_again, job)


class Pool(TaskPool):
    """Celery's pool of processes, with a second look at the time limit."""

    Pool = _Children
