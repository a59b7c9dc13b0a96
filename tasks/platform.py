"""Keeping house."""

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
