"""Endpoints of third parties, for those who run them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import requires
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.openapi.headers import LATER
from app.platform.openapi.notation import problems
from app.platform.pagination import Page, read_cursor
from app.platform.schemas import PageQuery
from app.platform.settings import settings
from app.platform.web import leads_to
from app.webhooks import queries
from app.webhooks.errors import EndpointDisabled, TooManyEndpoints
from app.webhooks.models import WebhookEndpoint
from app.webhooks.routes.owners import endpoint_owner, notified_user
from app.webhooks.schemas import (
    NewWebhookEndpointSchema,
    NewWebhookSecretSchema,
    RotateSecretSchema,
    WebhookEndpointChangeSchema,
    WebhookEndpointSchema,
    WebhookEndpointsSchema,
)
from app.webhooks.services import endpoints
from app.webhooks.services.endpoints import NewSecret

SHOWN_ONCE = {"Cache-Control": "no-store"}

blueprint = Blueprint(
    "Webhooks",
    __name__,
    url_prefix="/v1/webhook-endpoints",
    description="Being called when something happens, signed after the Standard Webhooks specification.",
)


@blueprint.route("", methods=["GET"])
@requires("seller", "admin", permission="operations", scope="webhooks:manage")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, WebhookEndpointsSchema)
def list_endpoints(query: dict[str, Any]) -> Page[WebhookEndpoint]:
    """Your endpoints, those that were made last first; admins see everybody's."""
    (before,) = read_cursor(query["cursor"], UUID) or (None,)
    with transaction() as session:
        return queries.endpoints(session, endpoint_owner(), before=before, limit=query["limit"])


@blueprint.route("", methods=["POST"])
@requires("seller", "admin", permission="operations", scope="webhooks:manage")
@idempotent
@blueprint.arguments(NewWebhookEndpointSchema)
@blueprint.response(201, NewWebhookSecretSchema)
@problems(TooManyEndpoints)
def make_endpoint(body: dict[str, Any], *, session: Session) -> tuple[NewSecret, dict[str, str]]:
    """Be called at an address from now on. Only this answer has the secret that the calls are signed with.

    A key hears what its scopes say, a seller what is theirs. An `Idempotency-Key` is not remembered: a
    repetition makes another endpoint.
    """
    made = endpoints.make(
        session,
        endpoint_owner(),
        **body,
        notified_user_id=notified_user(session),
        rules=settings().webhooks,
    )
    return made, SHOWN_ONCE


@blueprint.route("/<uuid:endpoint_id>", methods=["GET"])
@requires("seller", "admin", permission="operations", scope="webhooks:manage")
@blueprint.response(200, WebhookEndpointSchema)
def get_endpoint(endpoint_id: UUID) -> WebhookEndpoint:
    """One endpoint."""
    with transaction() as session:
        return queries.endpoint(session, endpoint_id, endpoint_owner())


@blueprint.route("/<uuid:endpoint_id>", methods=["PATCH"])
@requires("seller", "admin", permission="operations", scope="webhooks:manage")
@blueprint.arguments(WebhookEndpointChangeSchema)
@blueprint.response(200, WebhookEndpointSchema)
def change_endpoint(body: dict[str, Any], endpoint_id: UUID) -> WebhookEndpoint:
    """Change an endpoint, or whether it is called. Enabled again, it hears what happens from then on."""
    with transaction() as session:
        return endpoints.change(
            session,
            endpoint_id,
            endpoint_owner(),
            rules=settings().webhooks,
            values=body,
        )


@blueprint.route("/<uuid:endpoint_id>", methods=["DELETE"])
@requires("seller", "admin", permission="operations", scope="webhooks:manage")
@blueprint.response(204)
def remove_endpoint(endpoint_id: UUID) -> None:
    """Be called there no more."""
    with transaction() as session:
        endpoints.remove(session, endpoint_id, endpoint_owner())


@blueprint.route("/<uuid:endpoint_id>/rotate", methods=["POST"])
@requires("seller", "admin", permission="operations", scope="webhooks:manage")
@idempotent
@blueprint.arguments(RotateSecretSchema, required=False)
@blueprint.response(201, NewWebhookSecretSchema)
def rotate_secret(
    body: dict[str, Any], endpoint_id: UUID, *, session: Session
) -> tuple[NewSecret, dict[str, str]]:
    """Sign with another secret. For `overlap_hours` both sign, then the former ends. Only this answer has it.

    An `Idempotency-Key` is not remembered: a repetition makes another one.
    """
    overlap = timedelta(hours=body["overlap_hours"])
    keys = settings().webhooks.keys
    return endpoints.rotate(session, endpoint_id, endpoint_owner(), overlap=overlap, keys=keys), SHOWN_ONCE


@blueprint.route("/<uuid:endpoint_id>/ping", methods=["POST"])
@requires("seller", "admin", permission="operations", scope="webhooks:manage")
@leads_to("/v1/webhook-endpoints/{endpoint_id}/messages")
@idempotent
@blueprint.response(202, headers=LATER)
@problems(EndpointDisabled)
def ping_endpoint(endpoint_id: UUID, *, session: Session) -> Response:
    """Be sent a message of the type PING, in a moment."""
    endpoints.ping(session, endpoint_id, endpoint_owner())
    return Response(status=202)
