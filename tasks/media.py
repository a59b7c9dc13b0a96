"""Pictures: making their sizes, and erasing what is shown no more."""

from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Claim, Delivery
from app.events.services import publish
from app.media.events import MediaSweepOwed
from app.media.gateway.protocol import Storage
from app.media.gateway.select import storage_from
from app.media.services import uploads
from app.media.workflows import erasing, preparing
from app.platform import clock
from app.platform.settings import settings
from tasks.base import consumer, workflow

GIVEN_UP_AT_ONCE = 500


@workflow("media.prepare")
def prepare(claim: Claim, delivery: Delivery) -> None:
    """Make the sizes of what was uploaded."""
    preparing.prepare(
        claim,
        upload_id=UUID(delivery.payload["upload_id"]),
        storage=storage(),
        most_pixels=settings().media.most_pixels,
    )


@workflow("media.erase")
def erase(claim: Claim, delivery: Delivery) -> None:
    """Erase what was removed."""
    erasing.erase(claim, upload_id=UUID(delivery.payload["upload_id"]), storage=storage())


@consumer("media.clean_up")
def clean_up(session: Session, delivery: Delivery) -> None:
    """Give up files that never came, and have the storage searched for what belongs to nothing."""
    uploads.give_up_unfinished(session, limit=GIVEN_UP_AT_ONCE)
    publish(session, MediaSweepOwed(slot=datetime.fromisoformat(delivery.payload["slot"]), after=""))


@workflow("media.sweep")
def sweep(claim: Claim, delivery: Delivery) -> None:
    """Erase what belongs to nothing, of the next few thousand objects."""
    slot = datetime.fromisoformat(delivery.payload["slot"])
    after = delivery.payload["after"]
    erasing.sweep(claim, slot=slot, after=after, now=clock.now(), storage=storage())


@cache
def storage() -> Storage:
    """Where files are kept; one per process, opened after the fork."""
    return storage_from(settings())
