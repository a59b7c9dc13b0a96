"""Keeping what lists and search read, showing pictures, and forgetting what people wrote."""

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.catalog.services import category_images, images, listings
from app.catalog.services import forget_user as forget_in_catalog
from app.events import services as events
from app.events.claims import Claim, Delivery
from app.platform.cache import changes
from app.platform.db import transaction
from app.platform.logging import get_logger
from tasks.base import consumer, workflow

log = get_logger("tasks.catalog")

POINTLESS_FAILURES = 10
SHOW: Mapping[str, Callable[[Session, UUID], None]] = {
    images.OF_PRODUCT: images.show_images_of,
    category_images.OF_CATEGORY: category_images.show_image,
}
"""What becomes of a picture that is ready, by what it is a picture of; others' are not the catalog's."""


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


@workflow("catalog.forget_answers", time_limit=20)
def forget_answers(claim: Claim, delivery: Delivery) -> None:
    """Make sure that finished answers which are not right any more are not used: see `show_anew`.

    After so many failures no answer is left that is as old as the change.
    """
    if delivery.failures < POINTLESS_FAILURES:
        changes.tell(*delivery.payload["scopes"])
    with transaction() as session:
        claim.check(session)
        claim.finish(session)


@consumer("catalog.forget_user")
def forget_user(session: Session, delivery: Delivery) -> None:
    """Delete the reviews of a deleted account."""
    forget_in_catalog(session, UUID(delivery.payload["user_id"]))


@consumer("catalog.show_picture")
def show_picture(session: Session, delivery: Delivery) -> None:
    """Let a picture be seen where its product or its category is."""
    if show := SHOW.get(delivery.payload["subject_kind"]):
        show(session, UUID(delivery.payload["subject_id"]))
