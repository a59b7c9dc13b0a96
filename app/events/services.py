"""Publishing: the fact, and the work it means for others, in the transaction of the change itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, Executable, Text, Uuid, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, Insert, insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.types import TypeEngine

from app.events.events import Event, SlotReached
from app.events.models import DeliveryRecord, EventRecord, ScheduledJob
from app.events.subscriptions import SUBSCRIPTIONS, Subscription
from app.platform import context
from app.platform.db import Json, table_of
from app.platform.forgetting import delete_some
from app.platform.ids import new_id
from app.platform.logging import get_logger

log = get_logger("app.events")

FIRST_RING_GAP = timedelta(seconds=4)
LONGEST_RING_GAP = timedelta(seconds=10)
KEPT_DONE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Ring:
    """A delivery whose worker should hear of it after the commit.

    `fresh`: it was never tried nor rung, so that whoever works on the same queue takes it along.
    """

    consumer: str
    queue: str
    delivery_id: int
    fresh: bool = True


def publish(session: Session, event: Event) -> list[Ring]:
    """Record an event with its deliveries, and have each rung after the commit.

    Work that is already owed under the same key is not owed twice. The answer is the new deliveries.
    """
    fact, work = announced(session, event)
    if not work["consumers"]:
        session.execute(_stating(), fact)
        return []
    rings = rings_of(session, _stating_and_owing(), fact | work)
    ring_later(session, rings)
    return rings


def announced(session: Session, event: Event) -> tuple[Json, Json]:
    """What the statements that publish are executed with: the fact, and the work that is owed for it.

    The event is noted with the session.
    """
    session.info.setdefault("facts", []).append(event)
    event_id, payload = new_id(), event.payload()
    fact = _origin() | {
        "fact_id": event_id,
        "topic": event.topic,
        "subject": event.subject,
        "payload": payload,
    }
    wanted = [each for each in SUBSCRIPTIONS[event.topic] if _wants(each, event)]
    work = {
        "consumers": [each.consumer for each in wanted],
        "queues": [each.queue for each in wanted],
        "keys": [_dedupe_key(each, payload, str(event_id)) for each in wanted],
    }
    return fact, work


def rings_of(session: Session, statement: Executable, published: Json) -> list[Ring]:
    """Execute a statement that publishes, and answers with the new deliveries."""
    rings = [Ring(*row) for row in session.execute(statement, published)]
    if len(rings) < len(published["consumers"]):
        count = len(published["consumers"]) - len(rings)
        log.info("work_already_owed", topic=published["topic"], count=count)
    return rings


def publish_all(session: Session, events: Sequence[Event]) -> None:
    """Record many events with their deliveries in one statement; see `publish`."""
    if not events:
        return
    session.info.setdefault("facts", []).extend(events)
    facts = {new_id(): event for event in events}
    owed = [
        (event_id, each.consumer, each.queue, _dedupe_key(each, event.payload(), str(event_id)))
        for event_id, event in facts.items()
        for each in SUBSCRIPTIONS[event.topic]
        if _wants(each, event)
    ]
    rows = _origin() | {
        "fact_ids": list(facts),
        "topics": [event.topic for event in events],
        "subjects": [event.subject for event in events],
        "payloads": [event.payload() for event in events],
        "event_ids": [each[0] for each in owed],
        "consumers": [each[1] for each in owed],
        "queues": [each[2] for each in owed],
        "keys": [each[3] for each in owed],
    }
    new = [Ring(*row) for row in session.execute(_stating_and_owing_all(), rows)]
    if len(new) < len(owed):
        log.info("work_already_owed", count=len(owed) - len(new))
    ring_later(session, new)


def _origin() -> Json:
    """By whom and in what an event happens, as far as it is known."""
    delivery_id = context.current("delivery_id")
    return {
        "actor": context.current("actor"),
        "request_id": context.current("request_id"),
        "trace_context": context.current("trace_context"),
        "call": context.current("call"),
        "delivery_id": int(delivery_id) if delivery_id else None,
    }


@cache
def _stating() -> Insert:
    return insert(table_of(EventRecord)).values(
        {
            "id": bindparam("fact_id"),
            "topic": bindparam("topic"),
            "subject": bindparam("subject"),
            "payload": bindparam("payload"),
            "actor": bindparam("actor"),
            "request_id": bindparam("request_id"),
            "trace_context": bindparam("trace_context"),
            "call": bindparam("call"),
            "delivery_id": bindparam("delivery_id"),
        }
    )


@cache
def _stating_and_owing() -> ReturningInsert[str, str, int]:
    """One statement for both, because a publish is on every hot path. What is owed already is left out."""
    table = table_of(DeliveryRecord)
    work = select(
        bindparam("fact_id", type_=Uuid),
        _each("consumers", Text()),
        _each("queues", Text()),
        _each("keys", Text()),
        # The doorbell rings right after the commit; the relay rings only what was missed.
        func.now() + FIRST_RING_GAP,
    )
    owed = insert(table).from_select(["event_id", "consumer", "queue", "dedupe_key", "ring_after"], work)
    new = owed.on_conflict_do_nothing().returning(table.c.consumer, table.c.queue, table.c.id)
    return new.add_cte(stated())


def stated() -> CTE:
    """The part of a statement that writes the event down."""
    return _stating().cte("fact")


@cache
def _stating_and_owing_all() -> ReturningInsert[str, str, int]:
    facts, work = table_of(EventRecord), table_of(DeliveryRecord)
    origin = {
        name: facts.c[name].type for name in ("actor", "request_id", "trace_context", "call", "delivery_id")
    }
    stated = select(
        _each("fact_ids", Uuid()),
        _each("topics", Text()),
        _each("subjects", Text()),
        _each("payloads", JSONB()),
        *(bindparam(name, type_=kind) for name, kind in origin.items()),
    )
    fact = insert(facts).from_select(["id", "topic", "subject", "payload", *origin], stated)
    owed = select(
        _each("event_ids", Uuid()),
        _each("consumers", Text()),
        _each("queues", Text()),
        _each("keys", Text()),
        func.now() + FIRST_RING_GAP,
    )
    columns = ["event_id", "consumer", "queue", "dedupe_key", "ring_after"]
    new = insert(work).from_select(columns, owed).on_conflict_do_nothing()
    return new.returning(work.c.consumer, work.c.queue, work.c.id).add_cte(fact.cte("fact"))


def _each(name: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """The items of an array, a row for each."""
    return func.unnest(bindparam(name, type_=ARRAY(kind)))


def _wants(each: Subscription, event: Event) -> bool:
    """Whether the event is for this consumer: a slot is for its own job only."""
    if isinstance(event, SlotReached):
        return each.consumer == event.job
    return each.when is None or event.payload()[each.when[0]] is each.when[1]


def _dedupe_key(each: Subscription, payload: Json, event_id: str) -> str:
    return ":".join(str(payload[name]) for name in each.key) if each.key else event_id


def ring_later(session: Session, rings: Sequence[Ring]) -> None:
    """Have the workers of these deliveries told after the commit."""
    session.info.setdefault("rings", []).extend(rings)


def take_rings(session: Session) -> Sequence[Ring]:
    """The rings that the session's commit left to do, once."""
    rings: Sequence[Ring] = session.info.pop("rings", ())
    return rings


def take_facts(session: Session) -> Sequence[Event]:
    """The events that the session's transaction has published, once."""
    facts: Sequence[Event] = session.info.pop("facts", ())
    return facts


def publish_slot(session: Session, job: str, period: timedelta) -> None:
    """Owe a scheduled job once per period, however often and by however many schedulers this is called.

    The period's start comes from the database's clock, counted from the epoch in UTC.
    """
    slot: datetime = session.execute(_SLOT, {"period": period}).scalar_one()
    publish(session, SlotReached(job=job, slot=slot))


_SLOT = text("SELECT date_bin(:period, now(), 'epoch'::timestamptz)")


def record_success(session: Session, job: str) -> None:
    """Note that a scheduled job did its work to the end, now."""
    row = insert(ScheduledJob).values(name=job, last_success_at=func.now())
    newer = {"last_success_at": row.excluded.last_success_at}
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_=newer))


def forget_done(session: Session, *, limit: int) -> int:
    """Delete up to `limit` deliveries that were done a week ago; the answer is how many.

    Their attempts go with them. Events stay, and so does what was dropped.
    """
    done = (DeliveryRecord.state == "done", DeliveryRecord.done_at < func.now() - KEPT_DONE)
    return delete_some(session, DeliveryRecord, *done, limit=limit)
