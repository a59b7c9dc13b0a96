"""What the backroom owes, and what it belongs to."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from app.events.claims import is_due
from app.events.models import AttemptRecord, DeliveryRecord, EventRecord
from app.notifications.models import Message
from app.ops.queries.sources import outcome, subjects_of
from app.orders.models import Order
from app.payments.models import Payment, ProviderEvent
from app.platform.db import Json
from app.platform.errors import NotFound
from app.platform.pagination import Page, paged

STATES = ("pending", "running", "dead", "dropped", "done")
WITHOUT_ANSWER = 2
"""So many tries may end without an answer: one that the counter handed over, and one worker that died."""

_STATE = case((DeliveryRecord.dropped_at.is_not(None), "dropped"), else_=DeliveryRecord.state)
_PAYLOAD = EventRecord.payload
_PAYMENT_ID = func.coalesce(ProviderEvent.payment_id, cast(_PAYLOAD["payment_id"].astext, Uuid))
_ORDER_ID = func.coalesce(cast(_PAYLOAD["order_id"].astext, Uuid), Payment.order_id)
_PARTS = ("refund_id", "parcel_id", "return_id", "order_id")
_TOLD_OF = func.coalesce(*(_PAYLOAD[name].astext for name in _PARTS), EventRecord.subject)
"""What a message is about: a part of an order, or the order, else something of an account."""
_MESSAGE_KEY = func.concat(func.split_part(DeliveryRecord.consumer, ".", 2), ":", _TOLD_OF)

_COLUMNS: tuple[Any, ...] = (
    DeliveryRecord.id,
    DeliveryRecord.consumer,
    DeliveryRecord.queue,
    _STATE.label("state"),
    DeliveryRecord.attempts,
    DeliveryRecord.failures,
    DeliveryRecord.last_error,
    DeliveryRecord.run_after,
    DeliveryRecord.lease_until,
    DeliveryRecord.created_at,
    DeliveryRecord.done_at,
    DeliveryRecord.dropped_at,
    DeliveryRecord.dropped_by,
    DeliveryRecord.drop_reason,
    EventRecord.id.label("event_id"),
    EventRecord.topic,
    EventRecord.request_id,
    Order.id.label("order_id"),
    Order.number.label("order_number"),
    Payment.id.label("payment_id"),
    ProviderEvent.id.label("provider_event_id"),
    Message.id.label("message_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which work to list. Without a state: what is dead, failed, lost its workers, or waits for too long."""

    state: str | None = None
    queue: str | None = None
    consumer: str | None = None
    order_id: UUID | None = None
    overdue: timedelta


def listed(session: Session, wanted: Wanted, *, before: int | None, limit: int) -> Page[Json]:
    """Work with what it belongs to, newest first; `before` a delivery's id."""
    statement = _work().where(*_conditions(wanted)).order_by(DeliveryRecord.id.desc()).limit(limit + 1)
    if before is not None:
        statement = statement.where(DeliveryRecord.id < before)
    rows = [dict(row) for row in session.execute(statement).mappings()]
    return paged(rows, limit, lambda row: [row["id"]])


def shown(session: Session, delivery_id: int) -> Json:
    """One delivery with its event, its attempts, and the inbox row or message behind it. Raises NotFound."""
    found = session.execute(_work().where(DeliveryRecord.id == delivery_id)).mappings().one_or_none()
    if found is None:
        raise NotFound("There is no such work. What is done is forgotten after a week.")
    event = select(EventRecord).where(EventRecord.id == found["event_id"])
    inbox_id, message_id = found["provider_event_id"], found["message_id"]
    return {
        **found,
        "event": session.scalars(event).one(),
        "tries": _tries(session, delivery_id),
        "provider_event": session.get(ProviderEvent, inbox_id) if inbox_id else None,
        "message": session.get(Message, message_id) if message_id else None,
    }


def _tries(session: Session, delivery_id: int) -> list[Json]:
    """Each attempt, oldest first; their numbers begin anew when somebody has the work tried again."""
    statement = (
        select(
            AttemptRecord.number.label("attempt"),
            AttemptRecord.token,
            AttemptRecord.worker,
            AttemptRecord.started_at,
            AttemptRecord.ended_at,
            outcome().label("outcome"),
            AttemptRecord.error,
        )
        .join(DeliveryRecord, DeliveryRecord.id == AttemptRecord.delivery_id)
        .where(AttemptRecord.delivery_id == delivery_id)
        .order_by(AttemptRecord.token)
    )
    return [dict(row) for row in session.execute(statement).mappings()]


def _work() -> Select[*tuple[Any, ...]]:
    is_its_mail = or_(
        Message.id == cast(_PAYLOAD["message_id"].astext, Uuid), Message.dedupe_key == _MESSAGE_KEY
    )
    return (
        select(*_COLUMNS)
        .join_from(DeliveryRecord, EventRecord, EventRecord.id == DeliveryRecord.event_id)
        .outerjoin(ProviderEvent, ProviderEvent.id == _PAYLOAD["event_id"].astext)
        .outerjoin(Payment, Payment.id == _PAYMENT_ID)
        .outerjoin(Order, Order.id == _ORDER_ID)
        .outerjoin(Message, and_(DeliveryRecord.queue == "email", is_its_mail))
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    given = [_in_state(wanted.state) if wanted.state else _in_trouble(wanted.overdue)]
    if wanted.queue:
        given.append(DeliveryRecord.queue == wanted.queue)
    if wanted.consumer:
        given.append(DeliveryRecord.consumer == wanted.consumer)
    if wanted.order_id:
        subjects = subjects_of(literal(wanted.order_id)).subquery()
        given.append(EventRecord.subject.in_(select(subjects)))
    return given


def _in_state(state: str) -> ColumnElement[bool]:
    if state == "dropped":
        return and_(DeliveryRecord.state == "dead", DeliveryRecord.dropped_at.is_not(None))
    return and_(DeliveryRecord.state == state, DeliveryRecord.dropped_at.is_(None))


def _in_trouble(overdue: timedelta) -> ColumnElement[bool]:
    late = and_(is_due(), DeliveryRecord.run_after < func.now() - overdue)
    failed = DeliveryRecord.failures > 0
    killed = DeliveryRecord.attempts - DeliveryRecord.failures > WITHOUT_ANSWER
    stuck = and_(DeliveryRecord.state.in_(("pending", "running")), or_(failed, killed, late))
    return or_(_in_state("dead"), stuck)
