"""Addresses that nothing reaches."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from app.identity.auth import api_client, requires
from app.notifications import queries
from app.notifications.models import UndeliverableAddress
from app.notifications.schemas import BounceSchema, UndeliverableAddressesSchema
from app.notifications.services import bounces
from app.platform.db import transaction
from app.platform.errors import NotFound
from app.platform.openapi.notation import problems
from app.platform.pagination import Page, read_cursor
from app.platform.schemas import PageQuery

blueprint = Blueprint(
    "Bounces", __name__, url_prefix="/v1", description="Addresses that no mail reaches, and what follows."
)


@blueprint.route("/mail/bounces", methods=["POST"])
@requires(scope="mail:bounce")
@blueprint.arguments(BounceSchema)
@blueprint.response(204)
def take_bounce(body: dict[str, Any]) -> None:
    """Tell that mails to an address come back for good: nothing more is sent there. Repeating is safe."""
    with transaction() as session:
        bounces.note(session, api_client().client_id, **body)


@blueprint.route("/admin/undeliverable-addresses", methods=["GET"])
@requires("admin", permission="operations")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, UndeliverableAddressesSchema)
def list_undeliverable(query: dict[str, Any]) -> Page[UndeliverableAddress]:
    """The addresses that nothing more is sent to, the one noted last first."""
    before = read_cursor(query["cursor"], datetime.fromisoformat, UUID)
    with transaction() as session:
        return queries.undeliverable(session, before=before, limit=query["limit"])


@blueprint.route("/admin/undeliverable-addresses/<uuid:undeliverable_id>", methods=["DELETE"])
@requires("admin", permission="operations")
@blueprint.response(204)
@problems(NotFound)
def lift_undeliverable(undeliverable_id: UUID) -> None:
    """Send to an address again, because its mailbox works. What it missed is resent message by message."""
    with transaction() as session:
        bounces.lift(session, undeliverable_id)
