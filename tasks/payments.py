"""Opening payments that the counter could not open itself."""

from uuid import UUID

from app.events.claims import Claim, Delivery
from app.payments import workflows
from tasks.base import workflow
from tasks.settlement import gateway


@workflow("payments.open")
def open(claim: Claim, delivery: Delivery) -> None:
    """Have the provider make what the buyer pays."""
    workflows.open_payment(claim, payment_id=UUID(delivery.payload["payment_id"]), gateway=gateway())
