"""Returns for those who take goods back: sellers their own, admins everybody's."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.fulfillment import queries, services
from app.fulfillment.queries import ReturnCase
from app.fulfillment.schemas import (
    ApprovalSchema,
    RejectionSchema,
    ReturnSchema,
    ReturnsQuery,
    ReturnsSchema,
)
from app.identity.auth import owner, requires
from app.orders.errors import IllegalTransition
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.pagination import Page, read_cursor

blueprint = Blueprint(
    "Returns",
    __name__,
    url_prefix="/v1/returns",
    description="Goods that buyers send back. Each return is of one seller's; admins see everybody's.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", "seller", permission="orders")
@blueprint.arguments(ReturnsQuery, location="query")
@blueprint.response(200, ReturnsSchema)
def list_returns(query: dict[str, Any]) -> Page[ReturnCase]:
    """Returns, those that were asked for last first; `status=requested` are those that wait for an answer."""
    (before,) = read_cursor(query["cursor"], UUID) or (None,)
    with transaction() as session:
        return queries.returns(
            session, seller_id=owner(), status=query["status"], before=before, limit=query["limit"]
        )


@blueprint.route("/<uuid:return_id>", methods=["GET"])
@requires("admin", "seller", permission="orders")
@blueprint.response(200, ReturnSchema)
def get_return(return_id: UUID) -> ReturnCase:
    """One return."""
    with transaction() as session:
        return queries.return_case(session, return_id, seller_id=owner())


@blueprint.route("/<uuid:return_id>/approve", methods=["POST"])
@requires("admin", "seller", permission="orders")
@idempotent
@blueprint.arguments(ApprovalSchema, required=False)
@blueprint.response(200, ReturnSchema)
@problems(IllegalTransition)
def approve_return(body: dict[str, Any], return_id: UUID, *, session: Session) -> ReturnCase:
    """Let the buyer send it back; the buyer gets a mail with the note. Repeating is safe."""
    services.approve(session, return_id, seller_id=owner(), note=body["note"])
    return queries.return_case(session, return_id, seller_id=owner())


@blueprint.route("/<uuid:return_id>/reject", methods=["POST"])
@requires("admin", "seller", permission="orders")
@idempotent
@blueprint.arguments(RejectionSchema)
@blueprint.response(200, ReturnSchema)
@problems(IllegalTransition)
def reject_return(body: dict[str, Any], return_id: UUID, *, session: Session) -> ReturnCase:
    """Take nothing back, also of an approved one when nothing came, or something else; a mail says why."""
    services.reject(session, return_id, seller_id=owner(), note=body["note"])
    return queries.return_case(session, return_id, seller_id=owner())
