"""What each table knows of an order, as columns of one shape: when, what, because of whom, with which ids."""

from collections.abc import Mapping
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    DateTime,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from app.events.models import AttemptRecord, DeliveryRecord, EventRecord
from app.fulfillment.models import Return
from app.inventory.models import Reservation, StockLevel, StockMovement
from app.notifications.models import Message
from app.payments.models import Payment, ProviderEvent, Refund
from app.platform.db import Json

RANKS = {"request": 0, "stock": 1, "fact": 2, "stripe_event": 3, "message": 4, "attempt": 5}
"""What comes first of what happens in the same moment."""

RECEIVED = "payments.event_received"

Source = Select[*tuple[Any, ...]]


def of_order(order_id: UUID) -> list[Source]:
    """A select for each kind of thing that can happen to an order."""
    story = _facts_about(order_id)
    stock = (_reserved(order_id), _released(order_id), _moved(order_id))
    return [_requests(story), _facts(story), _attempts(story), _messages(order_id), *stock]


def subjects_of(order_id: ColumnElement[Any]) -> CompoundSelect[str]:
    """What events are about that are about an order: itself, and the provider's events about its payments."""
    inbox = select(ProviderEvent.id).join(Payment, Payment.id == ProviderEvent.payment_id)
    return select(cast(order_id, Text)).union_all(inbox.where(Payment.order_id == order_id))


def _facts_about(order_id: UUID) -> CTE:
    about = subjects_of(literal(order_id)).subquery("about")
    inbox = ProviderEvent.__table__
    return (
        select(
            EventRecord,
            inbox.c.type.label("stripe_type"),
            inbox.c.object_id,
            inbox.c.payment_id,
            inbox.c.status,
            inbox.c.processed_at,
        )
        .where(EventRecord.subject.in_(select(about)))
        .outerjoin(inbox, and_(inbox.c.id == EventRecord.subject, EventRecord.topic == RECEIVED))
        .cte("story")
    )


def _requests(story: CTE) -> Source:
    """Each request, or command, that left a fact; it began before the first of them."""
    of_one = story.c.request_id, story.c.call
    return (
        select(
            *_shape(
                at=func.min(story.c.occurred_at),
                kind="request",
                # Callers choose the ids of their requests, and may give one to several.
                key=func.concat(story.c.request_id, " ", story.c.call),
                topic=literal("request"),
                title=story.c.call,
                sequence=func.min(story.c.sequence),
                request_id=story.c.request_id,
                actor=func.min(story.c.actor),
                details={"call": story.c.call},
            )
        )
        .where(story.c.request_id.is_not(None), story.c.call.is_not(None))
        .group_by(*of_one)
    )


def _facts(story: CTE) -> Source:
    inbox = {
        "provider_event_id": story.c.subject,
        "type": story.c.stripe_type,
        "object_id": story.c.object_id,
        "payment_id": story.c.payment_id,
        "status": story.c.status,
        "processed_at": story.c.processed_at,
    }
    ids = {"event_id": story.c.id, "delivery_id": story.c.delivery_id}
    is_stripes = story.c.stripe_type.is_not(None)
    details = case((is_stripes, _json(inbox)), else_=story.c.payload).op("||", return_type=JSONB)(_json(ids))
    return select(
        *_shape(
            at=story.c.occurred_at,
            kind=case((is_stripes, "stripe_event"), else_="fact"),
            rank=case((is_stripes, RANKS["stripe_event"]), else_=RANKS["fact"]),
            key=cast(story.c.sequence, Text),
            topic=story.c.topic,
            title=story.c.stripe_type,
            sequence=story.c.sequence,
            request_id=story.c.request_id,
            actor=story.c.actor,
            details=details,
        )
    )


def outcome() -> ColumnElement[str]:
    """What came of an attempt, as far as it is known: one whose lease is over will not tell any more."""
    has_it = and_(DeliveryRecord.token == AttemptRecord.token, DeliveryRecord.state == "running")
    under_way = and_(has_it, DeliveryRecord.lease_until > func.now())
    return func.coalesce(AttemptRecord.outcome, case((under_way, "running"), else_="no_answer"))


def _attempts(story: CTE) -> Source:
    details = {
        "delivery_id": DeliveryRecord.id,
        "attempt": AttemptRecord.number,
        "token": AttemptRecord.token,
        "consumer": DeliveryRecord.consumer,
        "worker": AttemptRecord.worker,
        "outcome": outcome(),
        "error": AttemptRecord.error,
        "ended_at": AttemptRecord.ended_at,
        "event_id": story.c.id,
    }
    which = func.format("attempt %s of %s: %s", AttemptRecord.number, DeliveryRecord.consumer, outcome())
    return (
        select(
            *_shape(
                at=AttemptRecord.started_at,
                kind="attempt",
                key=func.format("%s.%s", DeliveryRecord.id, AttemptRecord.token),
                topic=DeliveryRecord.consumer,
                title=which,
                request_id=story.c.request_id,
                details=details,
            )
        )
        .join_from(story, DeliveryRecord, DeliveryRecord.event_id == story.c.id)
        .join(AttemptRecord, AttemptRecord.delivery_id == DeliveryRecord.id)
    )


def _messages(order_id: UUID) -> Source:
    details = {
        "message_id": Message.id,
        "message": Message.kind,
        "refund_id": Message.refund_id,
        "parcel_id": Message.parcel_id,
        "return_id": Message.return_id,
        "channel": Message.channel,
        "status": Message.status,
        "attempts": Message.attempts,
        "started_at": Message.started_at,
        "sent_at": Message.sent_at,
    }
    return select(
        *_shape(
            at=Message.created_at,
            kind="message",
            key=cast(Message.id, Text),
            topic=literal("notifications.message"),
            title=func.format("%s %s: %s", Message.channel, Message.kind, Message.status),
            details=details,
        )
    ).where(Message.order_id == order_id)


def _reserved(order_id: UUID) -> Source:
    # Both halves have an index of their own.
    live = and_(Reservation.holder_id == order_id, Reservation.status != "released")
    over = and_(Reservation.holder_id == order_id, Reservation.status == "released")
    return _reservation("reserved", Reservation.reserved_at).where(or_(live, over))


def _released(order_id: UUID) -> Source:
    over = (Reservation.holder_id == order_id, Reservation.status == "released")
    return _reservation("released", Reservation.closed_at).where(*over)


def _reservation(what: str, at: Any) -> Source:
    ids = {"reservation_id": Reservation.id, "variant_id": Reservation.variant_id, "sku": StockLevel.sku}
    return _stock(
        what, at, cast(Reservation.id, Text), ids | {"units": Reservation.quantity}, Reservation
    ).join(StockLevel, StockLevel.variant_id == Reservation.variant_id)


def _moved(order_id: UUID) -> Source:
    """What left the shelf and came back to it, because of the order, or of a refund or a return of it."""
    refunds = select(cast(Refund.id, Text)).where(Refund.order_id == order_id)
    returns = select(cast(Return.id, Text)).where(Return.order_id == order_id)
    of_refund, of_return = (StockMovement.reference.in_(each) for each in (refunds, returns))
    # One list of all three: by an OR of lists PostgreSQL would read every sale there ever was.
    because = select(cast(literal(order_id), Text)).union_all(refunds, returns)
    ids = {"movement_id": StockMovement.id, "variant_id": StockMovement.variant_id, "sku": StockLevel.sku}
    details = ids | {
        "units": StockMovement.change,
        "refund_id": case((of_refund, StockMovement.reference)),
        "return_id": case((of_return, StockMovement.reference)),
    }
    moved = _stock(
        StockMovement.reason, StockMovement.moved_at, cast(StockMovement.id, Text), details, StockMovement
    )
    joined = moved.join(StockLevel, StockLevel.variant_id == StockMovement.variant_id)
    known = StockMovement.reason.in_(("sale", "returned"))
    return joined.where(known, StockMovement.reference.in_(because))


def _stock(what: Any, at: Any, key: Any, details: Json, table: Any) -> Source:
    return select(
        *_shape(
            at=at,
            kind="stock",
            key=func.concat(what, ".", key),
            topic=func.concat("inventory.", what),
            title=func.format("%s %s of %s", what, func.abs(details["units"]), details["sku"]),
            details=details,
        )
    ).select_from(table)


_COLUMNS: Mapping[str, TypeEngine[Any]] = {
    "at": DateTime(timezone=True),
    "rank": Integer(),
    "key": Text(),
    "kind": Text(),
    "topic": Text(),
    "title": Text(),
    "sequence": BigInteger(),
    "request_id": Text(),
    "actor": Text(),
}


def _shape(*, kind: Any, details: Any, **known: Any) -> list[ColumnElement[Any]]:
    """The columns of every source, in one order; what a source does not know is null."""
    known = {"kind": kind, "rank": RANKS.get(kind)} | known
    columns = [cast(known.get(name), type_).label(name) for name, type_ in _COLUMNS.items()]
    content = _json(details) if isinstance(details, dict) else details
    return [*columns, content.label("details")]


def _json(facts: Json) -> ColumnElement[Any]:
    """A JSON object of those that are known."""
    pairs = chain.from_iterable((literal(name, literal_execute=True), fact) for name, fact in facts.items())
    return func.jsonb_strip_nulls(func.jsonb_build_object(*pairs), type_=JSONB)
