"""Where the provider reports, and where operators see what it reported."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request
from flask_smorest import Blueprint
from prometheus_client import Counter
from sqlalchemy.orm import Session

from app.identity.auth import public, requires
from app.payments import queries
from app.payments.errors import BadSignature
from app.payments.gateway.signature import verified
from app.payments.models import PaymentReview, ProviderEvent
from app.payments.schemas.payments import (
    PaymentReviewsQuery,
    PaymentReviewsSchema,
    ProviderEventsQuery,
    ProviderEventsSchema,
    ReceivedSchema,
)
from app.payments.services import inbox
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.pagination import Page, plain_text, read_cursor
from app.platform.rate_limits.guarding import limited_as
from app.platform.rate_limits.policy import WEBHOOK
from app.platform.settings import settings

blueprint = Blueprint(
    "Stripe events",
    __name__,
    url_prefix="/v1",
    description="What Stripe reports, and what became of it.",
)

WEBHOOKS = Counter(
    "backroom_webhooks", "Signed events of Stripe; unsigned ones are problems", ["type", "outcome"]
)


@blueprint.route("/webhooks/stripe", methods=["POST"])
@public
@limited_as(WEBHOOK)
@blueprint.response(200, ReceivedSchema)
@problems(BadSignature)
def receive_stripe_event() -> dict[str, bool]:
    """Keep a signed event of Stripe; a worker makes something of it. The same event again changes nothing."""
    secrets = settings().stripe_webhook_secrets
    event = verified(request.get_data(), request.headers.get("Stripe-Signature"), secrets)
    with transaction() as session:
        new = inbox.store(session, event)
    WEBHOOKS.labels(event["type"], "kept" if new else "repeated").inc()
    return {"received": True}


@blueprint.route("/admin/payment-reviews", methods=["GET"], tags=["Payments"])
@requires("admin", permission="refunds")
@blueprint.arguments(PaymentReviewsQuery, location="query")
@blueprint.response(200, PaymentReviewsSchema)
def list_payment_reviews(query: dict[str, Any]) -> Page[PaymentReview]:
    """What did not fit at the provider, newest first: what an admin must decide about, or has.

    Decide by `POST /v1/admin/payments/{payment_id}/resolve`, before `LONGEST_HOLD` is over.
    """
    before = read_cursor(query["cursor"], datetime.fromisoformat, UUID)
    decided = query["status"] == "decided"
    with transaction() as session:
        return queries.reviews(session, decided=decided, before=before, limit=query["limit"])


@blueprint.route("/admin/webhook-events", methods=["GET"])
@requires("admin", permission="operations")
@blueprint.arguments(ProviderEventsQuery, location="query")
@blueprint.response(200, ProviderEventsSchema)
def list_webhook_events(query: dict[str, Any]) -> Page[ProviderEvent]:
    """What the provider reported, newest first; `status=unmatched` are those without a payment of ours."""
    before = read_cursor(query["cursor"], datetime.fromisoformat, plain_text)
    with transaction() as session:
        return queries.inbox(session, status=query["status"], before=before, limit=query["limit"])


@blueprint.route("/admin/webhook-events/<event_id>/replay", methods=["POST"])
@requires("admin", permission="operations")
@idempotent
@blueprint.response(202, ReceivedSchema)
def replay_webhook_event(event_id: str, *, session: Session) -> dict[str, bool]:
    """Have an event processed once more. Safe: the same fact settled twice changes nothing."""
    inbox.process_again(session, event_id)
    return {"received": True}
