"""Invoices and credit notes: numbered, frozen, and made into files."""

from uuid import UUID

from app.events.claims import Claim, Delivery
from app.invoicing import workflows
from app.invoicing.services.issuing import Office
from app.platform.settings import settings
from tasks import media
from tasks.base import workflow


@workflow("invoicing.issue")
def issue(claim: Claim, delivery: Delivery) -> None:
    """Issue the invoice of a paid order."""
    order_id = UUID(delivery.payload["order_id"])
    workflows.issue(claim, order_id=order_id, office=_office(), storage=media.storage())


@workflow("invoicing.credit")
def credit(claim: Claim, delivery: Delivery) -> None:
    """Issue the credit note of a refund."""
    refund_id = UUID(delivery.payload["refund_id"])
    workflows.credit(claim, refund_id=refund_id, office=_office(), storage=media.storage())


@workflow("invoicing.render")
def render(claim: Claim, delivery: Delivery) -> None:
    """Make the file of a document once more."""
    document_id = UUID(delivery.payload["document_id"])
    workflows.render(claim, document_id=document_id, office=_office(), storage=media.storage())


def _office() -> Office:
    known = settings()
    return Office(known.invoicing, known.working_days)
