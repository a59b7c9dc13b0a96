"""The doorbell: tells workers of new deliveries, within a budget. What it misses, the relay rings."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from celery import Celery
from sqlalchemy.orm import Session

from app.events.services import Ring, take_rings
from app.platform import db
from app.platform.breaker import Breaker
from app.platform.logging import get_logger
from tasks import measures

if TYPE_CHECKING:  # only for the hint
    from config import Settings

log = get_logger("tasks.doorbell")
BREAK_SECONDS = 5.0


class Doorbell:
    """Sends one message per delivery, its id alone; gives up at the first failure or when time is up."""

    def __init__(self, app: Celery, *, budget_seconds: float) -> None:
        self._app = app
        self._budget = budget_seconds
        self._breaker = Breaker("doorbell", failures=1, pause=BREAK_SECONDS)

    def ring(self, rings: Sequence[Ring]) -> int:
        """How many of these could be rung. Never raises: the work is safe in the database."""
        if not rings:
            return 0
        rung, reason = self._rung(rings) if self._breaker.allows() else (0, "skipped")
        measures.RINGS.labels("sent").inc(rung)
        measures.RINGS.labels(reason).inc(len(rings) - rung)
        return rung

    def _rung(self, rings: Sequence[Ring]) -> tuple[int, str]:
        """How many were rung, and what became of the others."""
        end = time.monotonic() + self._budget
        for rung, each in enumerate(rings):
            if time.monotonic() > end:
                return rung, "late"
            try:
                self._app.send_task(each.consumer, args=(each.delivery_id,), queue=each.queue, retry=False)
            except Exception as error:  # whatever is wrong with the broker, the relay will ring
                self._breaker.failed()
                log.warning("doorbell_silent", reason=type(error).__name__)
                return rung, "failed"
        self._breaker.succeeded()
        return len(rings), "sent"

    def after_commit(self, session: Session) -> None:
        """Ring what the session's transaction has published."""
        self.ring(take_rings(session))


def install(app: Celery, settings: "Settings") -> Doorbell:
    """Have this process ring after each commit, and never wait long for a broker that is down or hangs."""
    seconds = settings.doorbell_budget.total_seconds()
    patience = {"socket_timeout": seconds, "socket_connect_timeout": seconds, "max_retries": 0}
    app.conf.broker_transport_options = app.conf.broker_transport_options | patience
    app.conf.broker_connection_timeout = seconds
    bell = Doorbell(app, budget_seconds=seconds)
    db.call_after_commit("doorbell", bell.after_commit)
    return bell
