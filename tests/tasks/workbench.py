"""The shop's worker with one consumer more: `celery -A tests.tasks.workbench worker`.

Never imported by a test: what it registers would stay.
"""

import os

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.events.claims import Delivery
from app.events.services import publish
from app.events.subscriptions import _BY_CONSUMER, SUBSCRIPTIONS
from tasks.base import consumer
from tasks.celery import app as app
from tests.events.owed import PLAIN, Tried
from tests.tasks.environment import GATE

SUBSCRIPTIONS[Tried.topic] = ()
_BY_CONSUMER[PLAIN.consumer] = PLAIN


@consumer(PLAIN.consumer, time_limit=int(os.environ.get("TIME_LIMIT", "20")))
def leave_trace(session: Session, delivery: Delivery) -> None:
    """Publish a fact, which can be counted, and wait at the gate before the commit."""
    publish(session, Tried(f"trace of {delivery.payload['thing']}"))
    session.execute(text("SELECT pg_advisory_xact_lock(:gate)"), {"gate": GATE})
