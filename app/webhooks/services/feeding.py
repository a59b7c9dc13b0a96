"""From the log of events to the messages that are owed: read in its order, by one at a time.

Nothing of this is in the way of whoever publishes: without an endpoint there is one small query every two
seconds, and no row anywhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, insert, select
from sqlalchemy.orm import Session, aliased

from app.events.feed import Position, Told, after, end
from app.events.services import publish_all
from app.identity.queries import active_sellers, clients_let_in
from app.platform.db import Json, locked
from app.platform.ids import new_id
from app.webhooks import queries
from app.webhooks.events import MessageOwed
from app.webhooks.models import WebhookEndpoint, WebhookFeed, WebhookMessage
from app.webhooks.services import endpoints, kinds, telling
from app.webhooks.services.telling import Said
from app.webhooks.states import OWNER_GONE, WAITING


@dataclass(frozen=True, slots=True)
class _Heard:
    """What an event becomes for those who hear it."""

    event: Told
    type: str
    said: Said


def feed(session: Session, *, limit: int) -> int:
    """Owe the next events to all endpoints that want them; how many events were read, `limit` at most.

    Whoever comes while another is at it reads none. Locks the feed, then those endpoints.
    """
    state = session.scalars(locked(select(WebhookFeed), skip_locked=True)).one_or_none()
    listening = _who_may(session, queries.enabled(session)) if state else []
    if state is None or not listening:
        return 0
    # A place beyond the end is another server's, from which this database was restored.
    reached = min(Position(state.xid, state.sequence), end(session))
    log = after(session, reached, limit=limit)
    # What happens to one thing is written under its lock: sequences have the order in which it happened.
    facts = sorted(log.facts, key=lambda each: each.position.sequence)
    rows = [row for heard in _heard(session, facts) for row in _rows(heard, listening)]
    if rows:
        _owe(session, rows)
    state.xid, state.sequence = log.reached
    return len(facts)


def _who_may(session: Session, found: Sequence[WebhookEndpoint]) -> list[WebhookEndpoint]:
    """Those whose owners are still let in; the others are disabled."""
    clients = clients_let_in(session, {each.client_id for each in found if each.client_id})
    sellers = active_sellers(session, {each.seller_id for each in found if each.seller_id})
    may = [
        each for each in found if each.client_id in {None, *clients} and each.seller_id in {None, *sellers}
    ]
    gone = [each for each in found if each not in may]
    queries.lock_endpoints(session, [each.id for each in gone])
    for each in gone:
        endpoints.disable(session, each, OWNER_GONE)
    return may


def _heard(session: Session, log: Iterable[Told]) -> list[_Heard]:
    known = [(event, kinds.type_of(event.topic, event.payload)) for event in log]
    ours = [(event, name) for event, name in known if name is not None]
    facts = telling.look_up(session, [event for event, _ in ours])
    return [_Heard(event, name, telling.tell(event, facts)) for event, name in ours]


def _rows(heard: _Heard, listening: Iterable[WebhookEndpoint]) -> list[Json]:
    event = heard.event
    return [
        {
            "id": new_id(),
            "endpoint_id": each.id,
            "event_id": event.id,
            "sequence": event.position.sequence,
            "type": heard.type,
            "subject": event.subject,
            "data": heard.said.data_for(each.seller_id),
            "occurred_at": event.at,
        }
        for each in listening
        if _wants(each, heard)
    ]


def _wants(endpoint: WebhookEndpoint, heard: _Heard) -> bool:
    if heard.type == kinds.PING:
        return heard.event.subject == str(endpoint.id)
    if endpoint.seller_id not in (None, heard.said.seller_id):
        return False
    return heard.type in endpoint.types


def _owe(session: Session, rows: list[Json]) -> None:
    """Of each subject only the first that waits is owed; who is done with one owes the next."""
    queries.lock_endpoints(session, sorted({row["endpoint_id"] for row in rows}))
    session.execute(insert(WebhookMessage), rows)
    first = _first(session, [row["id"] for row in rows])
    publish_all(session, [MessageOwed(message_id=each, round=0) for each in first])


def _first(session: Session, ids: Sequence[UUID]) -> Sequence[UUID]:
    """Those before which none of the same endpoint and subject waits."""
    mine, other = WebhookMessage, aliased(WebhookMessage)
    earlier: Any = and_(
        other.endpoint_id == mine.endpoint_id,
        other.subject == mine.subject,
        other.sequence < mine.sequence,
        other.status == WAITING,
    )
    first = select(mine.id).where(mine.id.in_(ids), ~exists().where(earlier))
    return session.scalars(first.order_by(mine.sequence, mine.id)).all()
