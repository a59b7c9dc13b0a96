"""Opening payments that the counter could not open itself, and keeping up with what users save."""

from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from app.events import services as events
from app.events.claims import Claim, Delivery
from app.payments import workflows
from app.payments.services import copying, erasing, inbox, wallets
from app.payments.services.asking import gaps_from
from app.platform.settings import settings
from tasks.base import consumer, workflow
from tasks.settlement import gateway
from tasks.sweeping import sweep_owed

LOOKED_OUT_AT_ONCE = 500


@workflow("payments.open")
def open(claim: Claim, delivery: Delivery) -> None:
    """Have the provider make what the buyer pays."""
    workflows.open_payment(claim, payment_id=UUID(delivery.payload["payment_id"]), gateway=gateway())


@workflow("payments.copy_methods")
def copy_methods(claim: Claim, delivery: Delivery) -> None:
    """Make our copy of what a user has saved at the provider anew."""
    workflows.copy_methods(claim, user_id=UUID(delivery.payload["user_id"]), gateway=gateway())


@workflow("payments.detach_method")
def detach_method(claim: Claim, delivery: Delivery) -> None:
    """Remove a saved payment method at the provider."""
    workflows.detach_method(claim, method_id=UUID(delivery.payload["method_id"]), gateway=gateway())


@consumer("payments.look_out_for_methods")
def look_out_for_methods(session: Session, delivery: Delivery) -> None:
    """Have the provider asked about users who began to save a payment method, and whose has not come."""
    copying.look_out(session, gaps_from(settings()), limit=LOOKED_OUT_AT_ONCE)
    events.record_success(session, delivery.consumer)


@consumer("payments.forget_user")
def forget_user(session: Session, delivery: Delivery) -> None:
    """Take away what a deleted account had saved at the provider."""
    wallets.remove_all(session, UUID(delivery.payload["user_id"]))


@consumer("payments.forget_order")
def forget_order(session: Session, delivery: Delivery) -> None:
    """Forget what operators wrote about the money of an order whose buyer is forgotten."""
    erasing.forget_notes(session, UUID(delivery.payload["order_id"]))


@workflow("payments.forget_events", time_limit=20)
def forget_events(claim: Claim, delivery: Delivery) -> None:
    """Forget what events of the provider said that were processed long ago, a batch at a time."""
    sweep_owed(claim, partial(inbox.forget_old, kept_for=settings().retention.provider_events))
