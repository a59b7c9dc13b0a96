"""Telling third parties what happened."""

from functools import cache, partial
from uuid import UUID

from sqlalchemy.orm import Session

from app.events import queries as event_queries
from app.events import services as events
from app.events.claims import Claim, Delivery
from app.platform.db import transaction
from app.platform.logging import get_logger
from app.platform.settings import settings
from app.webhooks import workflows
from app.webhooks.gateway.http import HttpPoster
from app.webhooks.gateway.protocol import Poster
from app.webhooks.services import feeding, repeating, sending
from tasks.base import consumer, workflow
from tasks.celery import app
from tasks.sweeping import sweep, sweep_owed

log = get_logger("tasks.webhooks")

SENDING = "webhooks.send"
READ_AT_ONCE = 500


@app.task(name="webhooks.feed", time_limit=20)
def feed() -> None:
    """Owe what happened to those who listen."""
    sweep(partial(feeding.feed, limit=READ_AT_ONCE), size=READ_AT_ONCE)
    with transaction() as session:
        events.record_success(session, "webhooks.feed")


@workflow(SENDING)
def send(claim: Claim, delivery: Delivery) -> None:
    """Call an endpoint for a message."""
    workflows.send(
        claim,
        message_id=UUID(delivery.payload["message_id"]),
        round_=delivery.payload["round"],
        poster=poster(),
        rules=settings().webhooks,
    )


@consumer("webhooks.give_up")
def give_up(session: Session, delivery: Delivery) -> None:
    """Give up a message whose sending an operator has dropped: later ones of its subject waited for it."""
    if delivery.payload["consumer"] != SENDING:
        return
    if about := event_queries.dropped(session, delivery.payload["delivery_id"]):
        sending.give_up(session, UUID(about["message_id"]), about["round"])


@workflow("webhooks.forget_old", time_limit=20)
def forget_old(claim: Claim, delivery: Delivery) -> None:
    """Delete what was sent a month ago, a batch at a time."""
    count = sweep_owed(claim, repeating.forget_old)
    log.info("old_messages_forgotten", count=count)


@cache
def poster() -> Poster:
    """Whoever calls third parties; one per process."""
    known = settings()
    return HttpPoster(
        timeout=known.webhooks.timeout,
        local_targets=known.webhooks.local_targets,
        ca_file=known.transport.tls_ca_file,
    )
