"""Telling users what the shop knows of them, and the catalog what sells."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.events import services as events
from app.events.claims import Claim, Delivery
from app.platform.logging import get_logger
from app.reporting import services
from tasks.base import consumer, workflow
from tasks.sweeping import sweep_owed

log = get_logger("tasks.reporting")


@consumer("reporting.build_export")
def build_export(session: Session, delivery: Delivery) -> None:
    """Gather what the shop knows of a user."""
    services.build_export(session, UUID(delivery.payload["export_id"]))


@consumer("reporting.forget_user")
def forget_user(session: Session, delivery: Delivery) -> None:
    """Delete what a deleted account had asked for."""
    services.forget_user(session, UUID(delivery.payload["user_id"]))


@workflow("reporting.forget_exports", time_limit=20)
def forget_exports(claim: Claim, delivery: Delivery) -> None:
    """Delete the exports whose week is over, a batch at a time."""
    count = sweep_owed(claim, services.forget_old)
    log.info("exports_forgotten", count=count)


@consumer("reporting.count_popularity")
def count_popularity(session: Session, delivery: Delivery) -> None:
    """Begin to note what sold lately, a step of listings at a time."""
    _count_popularity(session, None)


@consumer("reporting.continue_popularity")
def continue_popularity(session: Session, delivery: Delivery) -> None:
    """Note what sold lately of the next listings."""
    _count_popularity(session, UUID(delivery.payload["after"]))


def _count_popularity(session: Session, after: UUID | None) -> None:
    if not services.count_popularity(session, after):
        events.record_success(session, "reporting.count_popularity")
        log.info("popularity_counted")
