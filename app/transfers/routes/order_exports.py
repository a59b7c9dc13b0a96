"""Exports of orders for those who look after them."""

from typing import Any
from uuid import UUID

from flask import Response, current_app
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import caller, requires
from app.media.gateway.select import storage_of
from app.platform.db import transaction
from app.platform.errors import Unavailable
from app.platform.idempotency import idempotent
from app.platform.openapi.headers import LATER
from app.platform.openapi.notation import problems
from app.platform.pagination import Page, read_cursor
from app.platform.schemas import PageQuery
from app.platform.web import leads_to
from app.transfers import queries
from app.transfers.errors import ExportNotReady
from app.transfers.models import OrderExport
from app.transfers.routes.files import CSV_TYPE, TEXT, download
from app.transfers.schemas import CURSOR, OrderExportBody, OrderExportSchema, OrderExportsSchema
from app.transfers.services import order_exports
from app.transfers.states import DONE
from app.transfers.workflows import exporting

blueprint = Blueprint(
    "Order exports",
    __name__,
    url_prefix="/v1/admin/order-exports",
    description="Orders as a table for spreadsheets, written by a worker.",
)


@blueprint.route("", methods=["POST"])
@requires("admin", permission="orders")
@leads_to("/v1/admin/order-exports/{id}")
@idempotent
@blueprint.arguments(OrderExportBody, required=False)
@blueprint.response(202, OrderExportSchema, headers=LATER)
def start_order_export(body: dict[str, Any], *, session: Session) -> OrderExport:
    """Have a worker write a CSV file of the orders that fit, newest first; amounts are minor units."""
    return order_exports.begin(session, criteria=body["criteria"], actor=f"user:{caller().user_id}")


@blueprint.route("", methods=["GET"])
@requires("admin", permission="orders")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, OrderExportsSchema)
def list_order_exports(query: dict[str, Any]) -> Page[OrderExport]:
    """The exports of orders of the last days, newest first."""
    before: Any = read_cursor(query["cursor"], *CURSOR)
    with transaction() as session:
        return queries.order_exports(session, before=before, limit=query["limit"])


@blueprint.route("/<uuid:order_export_id>", methods=["GET"])
@requires("admin", permission="orders")
@blueprint.response(200, OrderExportSchema)
def get_order_export(order_export_id: UUID) -> OrderExport:
    """How far an export of orders is."""
    with transaction() as session:
        return queries.get_order_export(session, order_export_id)


@blueprint.route("/<uuid:order_export_id>/file", methods=["GET"])
@requires("admin", permission="orders")
@blueprint.response(200, TEXT, content_type=CSV_TYPE)
@problems(ExportNotReady, Unavailable)
def get_order_file(order_export_id: UUID) -> Response:
    """The file, once the export is done: CSV in UTF-8, in which nothing is a formula."""
    with transaction() as session:
        job = queries.get_order_export(session, order_export_id)
    if job.status != DONE:
        raise ExportNotReady("The export is being written. Ask again in a moment.")
    pieces = exporting.file_of(order_export_id, job.parts, storage=storage_of(current_app))
    return download(
        pieces, name=f"orders-{order_export_id}.csv", content_type=CSV_TYPE, byte_size=job.byte_size
    )
