"""Keeping house."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Claim, Delivery
from app.platform import idempotency
from app.platform.logging import get_logger
from tasks.base import consumer, workflow
from tasks.sweeping import sweep_owed

log = get_logger("tasks.platform")


@workflow("platform.forget_idempotency_keys", time_limit=20)
def forget_idempotency_keys(claim: Claim, delivery: Delivery) -> None:
    """Delete the idempotency keys whose day is over, a batch at a time."""
    count = sweep_owed(claim, idempotency.forget_old)
    log.info("idempotency_keys_forgotten", count=count)


@consumer("platform.forget_user")
def forget_user(session: Session, delivery: Delivery) -> None:
    """Delete the answers kept under a deleted account's idempotency keys."""
    idempotency.forget_user(session, UUID(delivery.payload["user_id"]))
