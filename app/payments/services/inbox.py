"""The inbox: every signed event of the provider is kept, before anything is made of it."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, Text, Update, Uuid, bindparam, case, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from app.events.repairs import replay
from app.events.services import publish
from app.payments.events import EventReceived
from app.payments.gateway.protocol import Charge, ProviderPayment, Reversal
from app.payments.gateway.reading import (
    id_of,
    named_payment,
    read_charge,
    read_object,
    read_reversal,
    read_wallet,
)
from app.payments.gateway.redaction import redacted
from app.payments.models import STILL_TOLD, Payment, ProviderEvent
from app.platform.db import locked, table_of
from app.platform.errors import NotFound
from app.platform.ids import ID

CONSUMER = "settlement.process_event"


def store(session: Session, event: Mapping[str, Any]) -> bool:
    """Keep a verified event and owe its processing; False when it was here before, and nothing changes.

    Kept is what the shop may need: neither who the buyer is nor what opens the payment.
    """
    content = (event.get("data") or {}).get("object") or {}
    facts = {
        "event_id": event["id"],
        "event_type": event["type"],
        "content_id": content.get("id"),
        "intent_id": id_of(content.get("payment_intent")),
        "named": named_payment(content),
        "version": event.get("api_version"),
        "told": redacted(event),
    }
    if session.scalar(_keeping(), facts) is None:
        return False
    publish(session, EventReceived(event_id=event["id"], type=event["type"]))
    return True


@cache
def _keeping() -> ReturningInsert[str]:
    events = table_of(ProviderEvent)
    content_id = bindparam("content_id", type_=Text)
    values = {
        "id": bindparam("event_id"),
        "type": bindparam("event_type"),
        "object_id": content_id,
        # Work on it that does not go on is to say what it belongs to.
        "payment_id": _behind(content_id, bindparam("intent_id", type_=Text), bindparam("named", type_=Uuid)),
        "api_version": bindparam("version"),
        "payload": bindparam("told"),
    }
    return insert(events).values(values).on_conflict_do_nothing().returning(events.c.id)


def payment_in(session: Session, event_id: str) -> ProviderPayment | None:
    """The payment that a kept event is about, as it was then; None for an event about anything else."""
    return read_object(_object(session, event_id))


def charge_in(session: Session, event_id: str) -> Charge | None:
    """What a payment was paid with, from an event about a charge that succeeded; None for any other."""
    content = _object(session, event_id)
    paid = content.get("object") == "charge" and content.get("status") != "failed"
    return read_charge(content) if paid else None


def reversal_in(session: Session, event_id: str) -> Reversal | None:
    """What of money that goes back an event is about; None for an event about anything else."""
    return read_reversal(_object(session, event_id))


def wallet_in(session: Session, event_id: str) -> str | None:
    """The provider's customer whose saved methods an event is about; None for any other event."""
    told = _data(session, event_id)
    return read_wallet(told.get("object") or {}, told.get("previous_attributes") or {})


def _object(session: Session, event_id: str) -> Mapping[str, Any]:
    content: Mapping[str, Any] = _data(session, event_id).get("object") or {}
    return content


def _data(session: Session, event_id: str) -> Mapping[str, Any]:
    told: Mapping[str, Any] = session.scalars(_kept(), {"event_id": event_id}).one().get("data") or {}
    return told


@cache
def _kept() -> Select[Any]:
    events = table_of(ProviderEvent).c
    return select(events.payload).where(events.id == bindparam("event_id"))


_CONTENT = table_of(ProviderEvent).c.payload["data"]["object"]
_OURS = _CONTENT["metadata"]["payment_id"].astext
_NAMED = case((_OURS.op("~")(f"^{ID.pattern}$"), cast(_OURS, Uuid)))


def _behind(object_id: Any, intent_id: Any, named: Any) -> ScalarSelect[UUID]:
    """Our payment that an intent, a session, a charge, a refund or a dispute is about."""
    payments = table_of(Payment).c
    by_object = payments.provider_id.in_((object_id, intent_id)) | (payments.session_id == object_id)
    # By the ids of the object, rather than by our id in its metadata.
    found = select(payments.id).where(by_object | (payments.id == named)).order_by(payments.id == named)
    return found.order_by(payments.id).limit(1).scalar_subquery()


def close(session: Session, event_id: str, status: str) -> None:
    """Note what became of an event, and which payment of ours it is about, if one is here."""
    session.execute(_closing(), {"event_id": event_id, "outcome": status})


@cache
def _closing() -> Update:
    events = table_of(ProviderEvent)
    about = _behind(events.c.object_id, _CONTENT["payment_intent"].astext, _NAMED)
    values = {"status": bindparam("outcome"), "processed_at": func.now(), "payment_id": about}
    return update(events).where(events.c.id == bindparam("event_id")).values(values)


def is_older_than(session: Session, event_id: str, age: timedelta) -> bool:
    """Whether the event came longer ago than `age`, by the database's clock."""
    old = select(ProviderEvent.received_at < func.now() - age).where(ProviderEvent.id == event_id)
    return bool(session.scalar(old))


def forget_old(session: Session, *, kept_for: timedelta, limit: int) -> int:
    """Empty up to `limit` events that came so long ago and were processed; the answer is how many.

    Their ids stay, so that one that comes once more is known. Leaves out those that others hold.
    """
    old = (ProviderEvent.received_at < func.now() - kept_for, ProviderEvent.processed_at.is_not(None))
    full = select(ProviderEvent.id).where(*old, STILL_TOLD).limit(limit)
    free = locked(full, skip_locked=True).cte("free")  # runs once, so that the limit is one
    emptied = update(ProviderEvent).where(ProviderEvent.id.in_(select(free.c.id))).values(payload={})
    return len(session.scalars(emptied.returning(ProviderEvent.id)).all())


def process_again(session: Session, event_id: str) -> None:
    """Owe an event's processing once more; safe, because settling the same fact twice changes nothing.

    Raises NotFound for an event that is not here, or too old for what it said to be here.
    """
    event = session.get(ProviderEvent, event_id)
    if event is None or not event.payload:
        raise NotFound("There is no such event, or what it said is not kept any more.")
    if not replay(session, consumer=CONSUMER, dedupe_key=event_id):
        publish(session, EventReceived(event_id=event_id, type=event.type))
