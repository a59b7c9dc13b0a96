"""Accounts, out of the counter's sight."""

from sqlalchemy.orm import Session

from app.events import services as events
from app.events.claims import Delivery
from app.identity.services import guessing
from app.platform.logging import get_logger
from tasks.base import consumer

log = get_logger("tasks.identity")


@consumer("identity.forget_login_tries")
def forget_login_tries(session: Session, delivery: Delivery) -> None:
    """Delete tries that limit nobody any more, and addresses from which nobody logs in."""
    count = guessing.forget_old(session)
    events.record_success(session, delivery.consumer)
    log.info("login_tries_forgotten", count=count)
