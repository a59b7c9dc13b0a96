"""What every consumer runs through: claim, work, outcome."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from app.events.claims import ALARM_ATTEMPTS, Claim, ClaimLost, Delivery, claim
from app.events.postponing import Postponed, postpone
from app.platform import context, error_reports, tracing
from app.platform.db import transaction
from app.platform.errors import Expected, Permanent
from app.platform.logging import first_line, get_logger
from app.platform.settings import settings
from tasks import draining, heartbeat, measures
from tasks.celery import app
from tasks.draining import DRAIN_SECONDS, Work

log = get_logger("tasks")

Consumer = Callable[[Session, Delivery], None]
Workflow = Callable[[Claim, Delivery], None]


def consumer(name: str, *, time_limit: int = 20) -> Callable[[Consumer], Consumer]:
    """Register work that only uses the database: its effects and `done` are one transaction.

    `time_limit` in seconds; it stays below the lease, so nothing has to be renewed.
    """

    def register(function: Consumer) -> Consumer:
        def work(held: Claim) -> None:
            with transaction() as session:
                function(session, held.delivery)
                held.finish(session)

        _register(name, Work(work, time_limit, quick=True))
        return function

    return register


def workflow(name: str, *, time_limit: int = 60) -> Callable[[Workflow], Workflow]:
    """Register work that calls outside between transactions: each checks the claim, the last finishes it."""

    def register(function: Workflow) -> Workflow:
        _register(name, Work(lambda held: function(held, held.delivery), time_limit, quick=False))
        return function

    return register


def _register(name: str, work: Work) -> None:
    def run(delivery_id: int, **_: Any) -> None:
        run_delivery(name, delivery_id, work.do, work.time_limit)

    draining.register(name, work)
    app.task(name=name, time_limit=work.time_limit + int(DRAIN_SECONDS))(run)


def run_delivery(name: str, delivery_id: int, work: Callable[[Claim], None], time_limit: int) -> None:
    """Do one delivery if it is due and free, and then what waits behind it.

    Whatever happens to one is noted on its row.
    """
    began = time.monotonic()
    context.begin(task=name, delivery_id=str(delivery_id), actor="worker")
    lease = settings().lease
    with transaction() as session:
        held = claim(session, delivery_id, consumer=name, lease=lease)
    if held is None:
        log.debug("delivery_not_free")
    else:
        _run(held, work, time_limit)
    if held is None or held.others_wait:
        draining.drain(name, lease, _run_next, began=began)


def _run_next(held: Claim, work: Work) -> None:
    delivery = held.delivery
    context.begin(task=delivery.consumer, delivery_id=str(delivery.id), actor="worker")
    _run(held, work.do, work.time_limit)


def _run(held: Claim, work: Callable[[Claim], None], time_limit: int) -> None:
    delivery = held.delivery
    name = delivery.consumer
    context.add(request_id=delivery.request_id, event_id=str(delivery.event_id))
    context.add(order_id=delivery.payload.get("order_id"), attempt=str(delivery.attempts))
    measures.WAITED.labels(name).observe(delivery.waited)
    with (
        tracing.span(name, tracing.CONSUMER, parent=delivery.trace_context, attributes=_facts(delivery)),
        heartbeat.watched(held, lease=settings().lease, time_limit=time_limit),
    ):
        # What this work publishes goes on from here.
        context.add(trace_context=tracing.current() or delivery.trace_context)
        _do(held, work)


def _facts(delivery: Delivery) -> dict[str, str | int]:
    return {"backroom.delivery_id": delivery.id, "backroom.attempt": delivery.attempts}


def _do(held: Claim, work: Callable[[Claim], None]) -> None:
    started = time.perf_counter()
    outcome = "done"
    try:
        work(held)
    except ClaimLost:
        outcome = "lost"
        log.warning("claim_lost")
    except Postponed as wait:
        outcome = "postponed"
        with transaction() as session:
            postpone(session, held, wait.pause, called=wait.called)
    except Exception as error:
        outcome = _give_back(held, error)
    seconds = time.perf_counter() - started
    measures.DELIVERIES.labels(held.delivery.consumer, outcome).inc()
    measures.WORKED.labels(held.delivery.consumer).observe(seconds)
    if outcome == "done":
        log.info("delivery_done", milliseconds=round(seconds * 1000, 1))


def _give_back(held: Claim, error: Exception) -> str:
    """Note a failure on the delivery; the answer is what came of it: failed, dead, or lost."""
    error_reports.report(error)
    tracing.fail(error)
    permanent = isinstance(error, Permanent)
    reason = f"{type(error).__name__}: {first_line(error)}"
    with transaction() as session:
        state = held.give_back(session, error=reason, base=settings().backoff_base, permanent=permanent)
    alarming = state == "dead" or held.delivery.attempts >= ALARM_ATTEMPTS
    level = log.error if alarming else log.warning
    trace = None if isinstance(error, Expected) else error
    failures = held.delivery.failures + 1
    level("delivery_failed", state=state, failures=failures, reason=reason, exc_info=trace)
    return {"dead": "dead", "pending": "failed"}.get(state or "", "lost")
