"""The provider's events, made something of at once, without a worker's claim around it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.events.claims import Claim, Delivery
from app.payments.models import ProviderEvent
from app.platform.db import transaction
from app.platform.ids import new_id
from app.settlement import workflows
from app.settlement.errors import NotYet
from tests.database import rows
from tests.provider import Provider
from tests.sales import HOLDS


@dataclass(frozen=True, slots=True)
class Unclaimed(Claim):
    """A right that nobody else can have."""

    def check(self, session: Session) -> None:
        """It is never lost."""

    def finish(self, session: Session) -> None:
        """Nothing to note."""


def report(provider: Provider, told: dict[str, Any], topic: str, event_id: str | None = None) -> str:
    """Process an event about an object, new or again; what became of it. "later": it is tried once more."""
    event_id = event_id or f"evt_{new_id().hex}"
    event = {"id": event_id, "type": topic, "data": {"object": told}}
    with transaction() as session:
        row = insert(ProviderEvent).values(id=event_id, type=topic, object_id=told["id"], payload=event)
        session.execute(row.on_conflict_do_nothing())
    claim = Unclaimed(_delivery(event_id, topic), token=1)
    try:
        workflows.process_event(claim, event_id=event_id, gateway=provider, holds=HOLDS)
    except NotYet:
        return "later"
    ((status,),) = rows("SELECT status FROM provider_events WHERE id = :id", id=event_id)
    return str(status)


def _delivery(event_id: str, topic: str) -> Delivery:
    facts: dict[str, Any] = {
        "id": 0,
        "event_id": new_id(),
        "consumer": "settlement.process_event",
        "topic": "payments.event_received",
        "subject": event_id,
        "payload": {"event_id": event_id, "type": topic},
        "attempts": 1,
        "failures": 0,
        "request_id": None,
        "trace_context": None,
        "waited": 0.0,
    }
    return Delivery(**facts)
