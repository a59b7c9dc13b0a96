"""Keeping deliveries moving."""

from datetime import timedelta

from app.events import relay as missed
from app.events import services
from app.events.claims import Claim, Delivery
from app.events.subscriptions import QUEUES
from app.platform.db import transaction
from app.platform.logging import get_logger
from app.platform.settings import settings
from tasks import measures
from tasks.base import workflow
from tasks.celery import app
from tasks.queues import length
from tasks.sweeping import sweep_owed

log = get_logger("tasks.events")


@app.task(name="events.relay", time_limit=20)
def relay() -> None:
    """Ring what the doorbell missed; never more per queue than is sensible to have waiting."""
    known = settings()
    for queue in QUEUES:
        room = known.ring_ahead - length(app, queue)
        if room > 0:
            with transaction() as session:
                rings = missed.overdue(session, queue, room=room, gap=known.ring_gap)
                services.ring_later(session, rings)
            if rings:
                measures.RUNG_AGAIN.labels(queue).inc(len(rings))
                log.info("rung_again", queue=queue, count=len(rings))
    with transaction() as session:
        services.record_success(session, "events.relay")


@app.task(name="events.reach_slot", time_limit=20)
def reach_slot(job: str, period_seconds: int) -> None:
    """Owe a scheduled job once for the present period, however many schedulers say so."""
    with transaction() as session:
        services.publish_slot(session, job, timedelta(seconds=period_seconds))


@workflow("events.forget_done_deliveries", time_limit=20)
def forget_done_deliveries(claim: Claim, delivery: Delivery) -> None:
    """Delete deliveries that were done a week ago, a batch at a time."""
    count = sweep_owed(claim, services.forget_done)
    log.info("done_deliveries_forgotten", count=count)
