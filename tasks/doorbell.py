"""The doorbell: tells workers of new deliveries, within a budget. What it misses, the relay rings."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

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


ENOUGH_WAITING = 8
"""With so many messages in a queue one more is spared: who takes one of these finds this work, too."""


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
        outcomes = self._rung(rings) if self._breaker.allows() else Counter({"skipped": len(rings)})
        for outcome, count in outcomes.items():
            measures.RINGS.labels(outcome).inc(count)
        return outcomes["sent"]

    def _rung(self, rings: Sequence[Ring]) -> Counter[str]:
        """How many were rung, and what became of the others."""
        outcomes: Counter[str] = Counter()
        end = time.monotonic() + self._budget
        try:
            with self._app.producer_pool.acquire(block=True) as producer:
                room = Room(producer)
                for each in rings:
                    if time.monotonic() > end:
                        break
                    if each.fresh and not room.is_left(each.queue):
                        outcomes["spared"] += 1
                        continue
                    self._send(each, producer)
                    outcomes["sent"] += 1
        except Exception as error:  # whatever is wrong with the broker, the relay will ring
            self._breaker.failed()
            log.warning("doorbell_silent", reason=type(error).__name__)
            outcomes["failed"] += len(rings) - outcomes.total()
            return outcomes
        self._breaker.succeeded()
        outcomes["late"] += len(rings) - outcomes.total()
        return outcomes

    def _send(self, ring: Ring, producer: Any) -> None:
        arguments = (ring.delivery_id,)
        self._app.send_task(ring.consumer, args=arguments, queue=ring.queue, retry=False, producer=producer)

    def after_commit(self, session: Session) -> None:
        """Ring what the session's transaction has published."""
        self.ring(take_rings(session))


class Room:
    """How many messages more are of use in each queue, asked for at the first of them."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer
        self._left: dict[str, int] = {}

    def is_left(self, queue: str) -> bool:
        """Whether to send one more, which is counted."""
        if queue not in self._left:
            self._left[queue] = ENOUGH_WAITING - self._waiting(queue)
        self._left[queue] -= 1
        return self._left[queue] >= 0

    def _waiting(self, queue: str) -> int:
        """What Redis knows at once; to ask another broker costs more than it spares."""
        ask = getattr(self._producer.channel, "waiting", None)
        return 0 if ask is None else int(ask(queue))


def install(app: Celery, settings: "Settings") -> Doorbell:
    """Have this process ring after each commit, and never wait long for a broker that is down or hangs."""
    seconds = settings.doorbell_budget.total_seconds()
    patience = {"socket_timeout": seconds, "socket_connect_timeout": seconds, "max_retries": 0}
    app.conf.broker_transport_options = app.conf.broker_transport_options | patience
    app.conf.broker_connection_timeout = seconds
    bell = Doorbell(app, budget_seconds=seconds)
    db.call_after_commit("doorbell", bell.after_commit)
    return bell
