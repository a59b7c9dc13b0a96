"""Imports and exports of the catalog, and exports of orders, a step at a time."""

from uuid import UUID

from app.events.claims import Claim, Delivery
from app.platform.logging import get_logger
from app.platform.settings import settings
from app.transfers.workflows import cleaning, exporting, importing
from tasks import media
from tasks.base import workflow

log = get_logger("tasks.transfers")


@workflow("transfers.import_step")
def import_step(claim: Claim, delivery: Delivery) -> None:
    """Do the next rows of an import."""
    importing.import_step(
        claim,
        import_id=UUID(delivery.payload["import_id"]),
        step=delivery.payload["step"],
        storage=media.storage(),
        currency=settings().currency,
    )


@workflow("transfers.export_step")
def export_step(claim: Claim, delivery: Delivery) -> None:
    """Write the next part of an export."""
    exporting.export_step(
        claim,
        export_id=UUID(delivery.payload["export_id"]),
        step=delivery.payload["step"],
        storage=media.storage(),
    )


@workflow("transfers.order_export_step")
def order_export_step(claim: Claim, delivery: Delivery) -> None:
    """Write the next part of an export of orders."""
    exporting.order_export_step(
        claim,
        export_id=UUID(delivery.payload["export_id"]),
        step=delivery.payload["step"],
        storage=media.storage(),
    )


@workflow("transfers.clean_up")
def clean_up(claim: Claim, delivery: Delivery) -> None:
    """Erase imports and exports that are kept no longer."""
    count = cleaning.clean_up(claim, kept=settings().transfers.kept, storage=media.storage())
    log.info("transfers_cleaned_up", count=count)
