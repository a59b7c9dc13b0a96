"""Imports of the catalog for those who run the shop."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response, current_app
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import requires
from app.media.gateway.select import storage_of
from app.platform import idempotency
from app.platform.db import transaction
from app.platform.idempotency import Requested
from app.platform.openapi.headers import LATER
from app.platform.openapi.notation import problems, takes_key
from app.platform.pagination import Page, read_cursor
from app.platform.schemas import PageQuery
from app.platform.uploads import MULTIPART, takes_sheet
from app.platform.web import POLL_AFTER_SECONDS
from app.transfers import queries
from app.transfers.errors import TransferOver
from app.transfers.models import CatalogImport
from app.transfers.routes.callers import for_the_whole_shop, sender
from app.transfers.routes.files import CSV_TYPE, TEXT, download
from app.transfers.schemas import CURSOR, ImportBody, ImportSchema, ImportsSchema
from app.transfers.services import imports
from app.transfers.workflows import receiving, reporting

blueprint = Blueprint(
    "Imports",
    __name__,
    url_prefix="/v1/admin/imports",
    description="Products, variants and stock from files of rows, done by a worker step by step.",
)


@blueprint.route("", methods=["POST"])
@requires("admin", permission="catalog", scope="catalog:import")
@for_the_whole_shop
@takes_key(required=False)
@takes_sheet
@blueprint.arguments(ImportBody, location=MULTIPART)
@blueprint.response(202, ImportSchema, headers=LATER)
def start_import(body: dict[str, Any]) -> Any:
    """Send a file of rows, UTF-8: CSV with a header, or JSON lines. `Location` tells how far it is.

    The same file under the same `Idempotency-Key` again is the same import, in its present state.
    """
    wanted = idempotency.requested_with(**body)
    known = _known(wanted) if wanted else None
    job = known or _receive(body, wanted)
    marks = {"Idempotent-Replayed": "true"} if known else {}
    return job, {"Location": f"/v1/admin/imports/{job.id}", "Retry-After": str(POLL_AFTER_SECONDS)} | marks


def _known(wanted: Requested) -> CatalogImport | None:
    with transaction() as session:
        kept = idempotency.replay(session, wanted)
        return queries.get_import(session, UUID(orjson.loads(kept.body)["import_id"])) if kept else None


def _receive(body: dict[str, Any], wanted: Requested | None) -> CatalogImport:
    def note(session: Session, import_id: UUID) -> None:
        if wanted:
            idempotency.keep(session, wanted, 202, {"import_id": import_id})

    actor, seller_id = sender()
    storage = storage_of(current_app)
    return receiving.receive(**body, actor=actor, seller_id=seller_id, storage=storage, note=note)


@blueprint.route("", methods=["GET"])
@requires("admin", permission="catalog", scope="catalog:import")
@for_the_whole_shop
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ImportsSchema)
def list_imports(query: dict[str, Any]) -> Page[CatalogImport]:
    """The imports of the last days, newest first."""
    before: Any = read_cursor(query["cursor"], *CURSOR)
    with transaction() as session:
        return queries.imports(session, before=before, limit=query["limit"])


@blueprint.route("/<uuid:import_id>", methods=["GET"])
@requires("admin", permission="catalog", scope="catalog:import")
@for_the_whole_shop
@blueprint.response(200, ImportSchema)
def get_import(import_id: UUID) -> CatalogImport:
    """How far an import is, and what became of its rows."""
    with transaction() as session:
        return queries.get_import(session, import_id)


@blueprint.route("/<uuid:import_id>/cancel", methods=["POST"])
@requires("admin", permission="catalog", scope="catalog:import")
@for_the_whole_shop
@blueprint.response(200, ImportSchema)
@problems(TransferOver)
def cancel_import(import_id: UUID) -> CatalogImport:
    """Do no further row. What was done stays done. Repeating is harmless."""
    with transaction() as session:
        return imports.cancel(session, import_id)


@blueprint.route("/<uuid:import_id>/report", methods=["GET"])
@requires("admin", permission="catalog", scope="catalog:import")
@for_the_whole_shop
@blueprint.response(200, TEXT, content_type=CSV_TYPE)
def get_report(import_id: UUID) -> Response:
    """What is wrong with each row that was refused so far, as CSV; the header alone if nothing is."""
    with transaction() as session:
        queries.get_import(session, import_id)
    return download(reporting.whole_report(import_id), name=f"import-{import_id}.csv", content_type=CSV_TYPE)
