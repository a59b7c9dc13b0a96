"""Money: what the provider says, and what must be closed."""

from functools import cache, partial
from uuid import UUID

from sqlalchemy.orm import Session

from app.events import services as events
from app.events.claims import Claim, Delivery
from app.payments.gateway.choosing import AnyProvider, for_workers
from app.payments.gateway.select import worker_gateway
from app.payments.services import reviews
from app.payments.services.asking import gaps_from
from app.payments.services.opening import terms_from
from app.platform.db import transaction
from app.platform.settings import settings
from app.settlement import services, workflows
from app.settlement.services import Holds, runs
from app.settlement.workflows import reconciling
from tasks.base import consumer, workflow
from tasks.celery import app
from tasks.sweeping import sweep, sweep_owed

RECONCILE_SECONDS = 150
"""A step's 20 s, and the last object's calls to a provider that is as slow as it may be, each tried twice."""

EXPIRED_AT_ONCE = 300
"""Orders in one transaction. It holds the rows of their stock for the last few milliseconds of it."""


@workflow("settlement.process_event")
def process_event(claim: Claim, delivery: Delivery) -> None:
    """Make something of an event that the provider sent."""
    event_id = delivery.payload["event_id"]
    workflows.process_event(claim, event_id=event_id, gateway=gateway(), holds=holds())


@workflow("settlement.confirm_payment")
def confirm_payment(claim: Claim, delivery: Delivery) -> None:
    """Ask the provider whether the buyer has paid."""
    payment_id = UUID(delivery.payload["payment_id"])
    workflows.confirm_payment(claim, payment_id=payment_id, gateway=gateway(), holds=holds())


@workflow("settlement.close_payment")
def close_payment(claim: Claim, delivery: Delivery) -> None:
    """End an order's payment at the provider, then the order."""
    order_id, reason = UUID(delivery.payload["order_id"]), delivery.payload["reason"]
    workflows.close_payment(claim, order_id=order_id, reason=reason, gateway=gateway(), holds=holds())


@workflow("settlement.replace_payment")
def replace_payment(claim: Claim, delivery: Delivery) -> None:
    """Close the payment that a new one waits for, and let that be opened."""
    payment_id, terms = UUID(delivery.payload["payment_id"]), terms_from(settings())
    workflows.replace_payment(claim, payment_id=payment_id, gateway=gateway(), terms=terms, holds=holds())


@workflow("settlement.send_refund")
def send_refund(claim: Claim, delivery: Delivery) -> None:
    """Give money back that is owed."""
    refund_id = UUID(delivery.payload["refund_id"])
    workflows.send_refund(claim, refund_id=refund_id, gateway=gateway())


@workflow("settlement.refund_review")
def refund_review(claim: Claim, delivery: Delivery) -> None:
    """Give back the money of a review that nobody has decided about in time."""
    payment_id, review_id = (UUID(delivery.payload[name]) for name in ("payment_id", "review_id"))
    workflows.refund_review(claim, payment_id=payment_id, review_id=review_id, gateway=gateway())


@app.task(name="settlement.expire_due", time_limit=20)
def expire_due() -> None:
    """End the orders whose hold is over, or begin to; end reviews that nobody decides."""
    sweep(partial(services.expire_due, limit=EXPIRED_AT_ONCE), size=EXPIRED_AT_ONCE)
    with transaction() as session:
        reviews.lapse(session, age=holds().longest, limit=100)
        events.record_success(session, "settlement.expire_due")


@consumer("settlement.reconcile_open")
def reconcile_open(session: Session, delivery: Delivery) -> None:
    """Ask about payments and refunds that are without an answer for too long; send what nobody sends."""
    services.owe_sending(session)
    runs.schedule(session, "open")


@consumer("settlement.reconcile_recent")
def reconcile_recent(session: Session, delivery: Delivery) -> None:
    """Compare our books with what the provider made of late."""
    runs.schedule(session, "recent", reaching_back=settings().reconcile_recent)


@consumer("settlement.reconcile_deep")
def reconcile_deep(session: Session, delivery: Delivery) -> None:
    """Compare our books with what the provider made in a long time."""
    runs.schedule(session, "deep", reaching_back=settings().reconcile_deep)


@workflow("settlement.reconcile", time_limit=RECONCILE_SECONDS)
def reconcile(claim: Claim, delivery: Delivery) -> None:
    """Go on with comparing, for some seconds."""
    run_id, step = UUID(delivery.payload["run_id"]), delivery.payload["step"]
    gaps = gaps_from(settings())
    reconciling.take_step(claim, run_id=run_id, step=step, gateway=gateway(), holds=holds(), gaps=gaps)


@workflow("settlement.forget_runs", time_limit=20)
def forget_runs(claim: Claim, delivery: Delivery) -> None:
    """Delete old runs of reconciliation with what they found, a batch at a time."""
    sweep_owed(claim, runs.forget_old)


@cache
def gateway() -> AnyProvider:
    """The providers, with a worker's patience; one per process."""
    return for_workers(worker_gateway(settings()))


def holds() -> Holds:
    """How long stock is kept while the provider works."""
    return services.holds_from(settings())
