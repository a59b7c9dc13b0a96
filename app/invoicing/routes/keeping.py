"""Invoices and credit notes for those who keep the books."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.events.services import publish
from app.identity.auth import requires
from app.invoicing import queries
from app.invoicing.errors import DocumentNotReady
from app.invoicing.events import RenderRequested
from app.invoicing.models import Document
from app.invoicing.routes.files import BINARY, file_of
from app.invoicing.schemas import DocumentSchema, DocumentsQuery, DocumentsSchema
from app.invoicing.services.keys import PDF
from app.platform.db import transaction
from app.platform.errors import Unavailable
from app.platform.idempotency import idempotent
from app.platform.openapi.headers import LATER
from app.platform.openapi.notation import problems
from app.platform.pagination import Page, read_cursor
from app.platform.web import leads_to

blueprint = Blueprint(
    "Documents",
    __name__,
    url_prefix="/v1/admin/documents",
    description="All invoices and credit notes. They never change.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", permission="orders")
@blueprint.arguments(DocumentsQuery, location="query")
@blueprint.response(200, DocumentsSchema)
def list_documents(query: dict[str, Any]) -> Page[Document]:
    """Invoices and credit notes, newest first, of one kind and year or of all."""
    before = read_cursor(query["cursor"], datetime.fromisoformat, UUID)
    with transaction() as session:
        return queries.documents(
            session, kind=query["kind"], year=query["year"], before=before, limit=query["limit"]
        )


@blueprint.route("/<uuid:document_id>/file", methods=["GET"])
@requires("admin", permission="orders")
@blueprint.response(200, BINARY, content_type=PDF)
@problems(DocumentNotReady, Unavailable)
def get_document_file(document_id: UUID) -> Response:
    """One of them as PDF."""
    with transaction() as session:
        document = queries.get(session, document_id)
    return file_of(document)


@blueprint.route("/<uuid:document_id>/render", methods=["POST"])
@requires("admin", permission="orders")
@leads_to("/v1/admin/documents/{document_id}/file")
@idempotent
@blueprint.response(202, DocumentSchema, headers=LATER)
def render_document(document_id: UUID, *, session: Session) -> Document:
    """Have the file made anew from what was frozen when it was issued, should the storage have lost it."""
    document = queries.get(session, document_id)
    publish(session, RenderRequested(document.id))
    return document
