"""Accounts, out of the counter's sight."""

from sqlalchemy.orm import Session

from app.events import services as events
from app.events.claims import Delivery
from app.identity.services import guessing, links, sessions
from app.platform.logging import get_logger
from tasks.base import consumer

log = get_logger("tasks.identity")


@consumer("identity.forget_login_tries")
def forget_login_tries(session: Session, delivery: Delivery) -> None:
    """Delete tries that limit nobody any more, and addresses from which nobody logs in."""
    count = guessing.forget_old(session)
    events.record_success(session, delivery.consumer)
    log.info("login_tries_forgotten", count=count)


@consumer("identity.forget_ended")
def forget_ended(session: Session, delivery: Delivery) -> None:
    """Delete links of mails and logins that have been over for a month."""
    count = sessions.forget_ended(session) + links.forget_ended(session)
    events.record_success(session, delivery.consumer)
    log.info("ended_logins_and_links_forgotten", count=count)
