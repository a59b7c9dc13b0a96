"""What endpoints were told: the log of each message, and sending one again."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import requires
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.openapi.headers import LATER
from app.platform.openapi.notation import problems
from app.platform.pagination import Page, read_cursor, whole
from app.platform.web import leads_to
from app.webhooks import queries
from app.webhooks.errors import EndpointDisabled, MessageWaiting
from app.webhooks.models import WebhookMessage
from app.webhooks.queries import Story
from app.webhooks.routes.owners import endpoint_owner
from app.webhooks.schemas import (
    WebhookMessageSchema,
    WebhookMessagesQuery,
    WebhookMessagesSchema,
    WebhookStorySchema,
)
from app.webhooks.services import repeating

blueprint = Blueprint(
    "Webhook messages",
    __name__,
    url_prefix="/v1/webhook-endpoints/<uuid:endpoint_id>/messages",
    description="What was sent to an endpoint in the last thirty days, or is to be.",
)


@blueprint.route("", methods=["GET"])
@requires("seller", "admin", permission="operations", scope="webhooks:manage")
@blueprint.arguments(WebhookMessagesQuery, location="query")
@blueprint.response(200, WebhookMessagesSchema)
def list_webhook_messages(query: dict[str, Any], endpoint_id: UUID) -> Page[WebhookMessage]:
    """What an endpoint was told, newest first; `status=given_up` is what it did not take."""
    (before,) = read_cursor(query["cursor"], whole) or (None,)
    with transaction() as session:
        queries.endpoint(session, endpoint_id, endpoint_owner())
        return queries.messages(
            session, endpoint_id, status=query["status"], before=before, limit=query["limit"]
        )


@blueprint.route("/<uuid:webhook_message_id>", methods=["GET"])
@requires("seller", "admin", permission="operations", scope="webhooks:manage")
@blueprint.response(200, WebhookStorySchema)
def get_webhook_message(endpoint_id: UUID, webhook_message_id: UUID) -> Story:
    """One message, and how each call of it ended."""
    with transaction() as session:
        queries.endpoint(session, endpoint_id, endpoint_owner())
        return queries.story(session, endpoint_id, webhook_message_id)


@blueprint.route("/<uuid:webhook_message_id>/replay", methods=["POST"])
@requires("seller", "admin", permission="operations", scope="webhooks:manage")
@leads_to("/v1/webhook-endpoints/{endpoint_id}/messages/{webhook_message_id}")
@idempotent
@blueprint.response(202, WebhookMessageSchema, headers=LATER)
@problems(EndpointDisabled, MessageWaiting)
def replay_webhook_message(
    endpoint_id: UUID, webhook_message_id: UUID, *, session: Session
) -> WebhookMessage:
    """Have a message that was sent or given up sent once more, by the same id."""
    return repeating.replay(session, endpoint_id, webhook_message_id, endpoint_owner())
