"""Becoming a seller."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity import queries
from app.identity.auth import caller, requires
from app.identity.errors import ApplicationDecided, ApplicationPending, MaySellAlready
from app.identity.models import SellerApplication
from app.identity.schemas.selling import (
    ApplicationBody,
    ApplicationRejectionBody,
    ApplicationSchema,
    ApplicationsQuery,
    SellerApplicationSchema,
    SellerApplicationsSchema,
)
from app.identity.services import selling
from app.platform.db import transaction
from app.platform.errors import NotFound
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.pagination import Page, read_cursor

blueprint = Blueprint(
    "Becoming a seller",
    __name__,
    url_prefix="/v1",
    description="A user applies, an admin decides, and a mail tells them.",
)


@blueprint.route("/seller/application", methods=["POST"])
@requires()
@idempotent
@blueprint.arguments(ApplicationBody)
@blueprint.response(201, ApplicationSchema)
@problems(ApplicationPending, MaySellAlready)
def apply(body: dict[str, Any], *, session: Session) -> SellerApplication:
    """Ask to sell here. Who was rejected may ask again."""
    return selling.apply(session, caller().user_id, **body)


@blueprint.route("/seller/application", methods=["GET"])
@requires()
@blueprint.response(200, ApplicationSchema)
@problems(NotFound)
def get_application() -> SellerApplication:
    """The caller's last application, and what became of it."""
    with transaction() as session:
        return queries.latest_application(session, caller().user_id)


@blueprint.route("/admin/seller-applications", methods=["GET"])
@requires("admin", permission="users")
@blueprint.arguments(ApplicationsQuery, location="query")
@blueprint.response(200, SellerApplicationsSchema)
def list_applications(query: dict[str, Any]) -> Page[SellerApplication]:
    """Applications of one status, the oldest first: those that wait, unless another is asked for."""
    after: Any = read_cursor(query["cursor"], datetime.fromisoformat, UUID)
    with transaction() as session:
        return queries.applications(session, status=query["status"], after=after, limit=query["limit"])


@blueprint.route("/admin/seller-applications/<uuid:application_id>/approve", methods=["POST"])
@requires("admin", permission="users")
@idempotent
@blueprint.response(200, SellerApplicationSchema)
@problems(ApplicationDecided)
def approve_application(application_id: UUID, *, session: Session) -> SellerApplication:
    """Make the user a seller, who is told by mail."""
    return selling.approve(session, application_id)


@blueprint.route("/admin/seller-applications/<uuid:application_id>/reject", methods=["POST"])
@requires("admin", permission="users")
@idempotent
@blueprint.arguments(ApplicationRejectionBody)
@blueprint.response(200, SellerApplicationSchema)
@problems(ApplicationDecided)
def reject_application(body: dict[str, Any], application_id: UUID, *, session: Session) -> SellerApplication:
    """Decline; the user is told the reason by mail."""
    return selling.reject(session, application_id, **body)
