"""Accounts, out of the counter's sight."""

from sqlalchemy.orm import Session

from app.events.claims import Claim, Delivery
from app.identity.services import guessing, links, sessions
from app.platform.logging import get_logger
from tasks.base import workflow
from tasks.sweeping import sweep_owed

log = get_logger("tasks.identity")


@workflow("identity.forget_login_tries", time_limit=20)
def forget_login_tries(claim: Claim, delivery: Delivery) -> None:
    """Delete tries that limit nobody any more, and addresses from which nobody logs in, a batch at a time."""
    count = sweep_owed(claim, guessing.forget_old)
    log.info("login_tries_forgotten", count=count)


@workflow("identity.forget_ended", time_limit=20)
def forget_ended(claim: Claim, delivery: Delivery) -> None:
    """Delete links of mails and logins that have been over for a month, a batch at a time."""
    count = sweep_owed(claim, _forget_ended)
    log.info("ended_logins_and_links_forgotten", count=count)


def _forget_ended(session: Session, *, limit: int) -> int:
    return sessions.forget_ended(session, limit=limit) + links.forget_ended(session, limit=limit)
