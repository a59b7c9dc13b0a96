"""Keeping what lists and search read, and forgetting what people wrote."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.catalog.services import forget_user as forget_in_catalog
from app.catalog.services import listings
from app.events import services as events
from app.events.claims import Delivery
from app.platform.logging import get_logger
from tasks.base import consumer

log = get_logger("tasks.catalog")


@consumer("catalog.refresh_listing")
def refresh_listing(session: Session, delivery: Delivery) -> None:
    """Show that a variant has sold out, or can be had again."""
    listings.refresh_of_variants(session, [UUID(delivery.payload["variant_id"])])


@consumer("catalog.refresh_branch")
def refresh_branch(session: Session, delivery: Delivery) -> None:
    """List the next products of a category where it stands now."""
    payload = delivery.payload
    listings.refresh_branch(session, UUID(payload["category_id"]), after=UUID(payload["after"]))


@consumer("catalog.rebuild_listings")
def rebuild_listings(session: Session, delivery: Delivery) -> None:
    """Begin to make all listings anew, a step at a time."""
    _rebuild(session, None)


@consumer("catalog.continue_rebuild")
def continue_rebuild(session: Session, delivery: Delivery) -> None:
    """Make the next listings anew."""
    _rebuild(session, UUID(delivery.payload["after"]))


def _rebuild(session: Session, after: UUID | None) -> None:
    if not listings.rebuild(session, after):
        events.record_success(session, "catalog.rebuild_listings")
        log.info("listings_rebuilt")


@consumer("catalog.forget_user")
def forget_user(session: Session, delivery: Delivery) -> None:
    """Delete the reviews of a deleted account."""
    forget_in_catalog(session, UUID(delivery.payload["user_id"]))
