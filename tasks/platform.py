"""Keeping house."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.events import services as events
from app.events.claims import Delivery
from app.platform import idempotency
from app.platform.logging import get_logger
from tasks.base import consumer

log = get_logger("tasks.platform")


@consumer("platform.forget_idempotency_keys")
def forget_idempotency_keys(session: Session, delivery: Delivery) -> None:
    """Delete the idempotency keys whose day is over."""
    count = idempotency.forget_old(session)
    events.record_success(session, delivery.consumer)
    log.info("idempotency_keys_forgotten", count=count)


@consumer("platform.forget_user")
def forget_user(session: Session, delivery: Delivery) -> None:
    """Delete the answers kept under a deleted account's idempotency keys."""
    idempotency.forget_user(session, UUID(delivery.payload["user_id"]))
