"""Exports of the catalog for those who run the shop."""

from typing import Any
from uuid import UUID

from flask import Response, current_app
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import requires
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
from app.transfers.models import CatalogExport
from app.transfers.routes.callers import for_the_whole_shop, sender
from app.transfers.routes.files import ANY_TYPE, BINARY, download
from app.transfers.schemas import CURSOR, ExportBody, ExportSchema, ExportsSchema
from app.transfers.services import exports
from app.transfers.states import DONE
from app.transfers.workflows import exporting

blueprint = Blueprint(
    "Exports",
    __name__,
    url_prefix="/v1/admin/exports",
    description="All products, variants and stock as a file of rows, as an import takes it.",
)


@blueprint.route("", methods=["POST"])
@requires("admin", permission="catalog", scope="catalog:export")
@for_the_whole_shop
@leads_to("/v1/admin/exports/{id}")
@idempotent
@blueprint.arguments(ExportBody)
@blueprint.response(202, ExportSchema, headers=LATER)
def start_export(body: dict[str, Any], *, session: Session) -> CatalogExport:
    """Have a worker write a file of all variants, but archived ones, with what their products are."""
    return exports.begin(session, file_format=body["format"], actor=sender()[0])


@blueprint.route("", methods=["GET"])
@requires("admin", permission="catalog", scope="catalog:export")
@for_the_whole_shop
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ExportsSchema)
def list_exports(query: dict[str, Any]) -> Page[CatalogExport]:
    """The exports of the last days, newest first."""
    before: Any = read_cursor(query["cursor"], *CURSOR)
    with transaction() as session:
        return queries.exports(session, before=before, limit=query["limit"])


@blueprint.route("/<uuid:catalog_export_id>", methods=["GET"])
@requires("admin", permission="catalog", scope="catalog:export")
@for_the_whole_shop
@blueprint.response(200, ExportSchema)
def get_export(catalog_export_id: UUID) -> CatalogExport:
    """How far an export is."""
    with transaction() as session:
        return queries.get_export(session, catalog_export_id)


@blueprint.route("/<uuid:catalog_export_id>/file", methods=["GET"])
@requires("admin", permission="catalog", scope="catalog:export")
@for_the_whole_shop
@blueprint.response(200, BINARY, content_type=ANY_TYPE)
@problems(ExportNotReady, Unavailable)
def get_file(catalog_export_id: UUID) -> Response:
    """The file, once the export is done: CSV or JSON lines, in UTF-8."""
    with transaction() as session:
        job = queries.get_export(session, catalog_export_id)
    if job.status != DONE:
        raise ExportNotReady("The export is being written. Ask again in a moment.")
    pieces = exporting.file_of(catalog_export_id, job.parts, storage=storage_of(current_app))
    return download(
        pieces,
        name=f"catalog-{catalog_export_id}.{job.format}",
        content_type=ANY_TYPE,
        byte_size=job.byte_size,
    )
