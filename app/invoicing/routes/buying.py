"""Invoices and credit notes for those who bought, and whoever holds the link of a mail."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import buyer, requires_buyer
from app.invoicing import queries
from app.invoicing.errors import DocumentNotReady
from app.invoicing.models import Document
from app.invoicing.routes.files import BINARY, file_of
from app.invoicing.schemas import DocumentsOfOrderSchema
from app.invoicing.services.keys import PDF
from app.orders import queries as order_queries
from app.platform.db import transaction
from app.platform.errors import Unavailable
from app.platform.openapi.notation import problems
from app.platform.schemas import LinkQuery
from app.platform.settings import settings

blueprint = Blueprint(
    "Invoices",
    __name__,
    url_prefix="/v1/orders",
    description="The invoice of an order, and the credit notes of its refunds.",
)


@blueprint.route("/<id_or_number>/invoice", methods=["GET"])
@requires_buyer("links")
@blueprint.arguments(LinkQuery, location="query")
@blueprint.response(200, BINARY, content_type=PDF)
@problems(DocumentNotReady, Unavailable)
def get_invoice(query: dict[str, Any], id_or_number: str) -> Response:
    """The invoice as PDF. 409 until the order is paid, and for the moment that a worker needs to write it."""
    with transaction() as session:
        order = _order(session, id_or_number, query["token"])
        invoice = queries.invoice(session, order.id)
        if invoice is None:
            waits = "is paid, and its invoice about to be written" if order.paid_at else "is not paid yet"
            raise DocumentNotReady(f"The order {waits}.", order_status=order.status)
    return file_of(invoice)


@blueprint.route("/<id_or_number>/documents", methods=["GET"])
@requires_buyer("links")
@blueprint.arguments(LinkQuery, location="query")
@blueprint.response(200, DocumentsOfOrderSchema)
def list_documents(query: dict[str, Any], id_or_number: str) -> dict[str, Sequence[Document]]:
    """The invoice of an order and the credit notes of its refunds, as far as they are issued."""
    with transaction() as session:
        order = _order(session, id_or_number, query["token"])
        return {"items": queries.of_order(session, order.id)}


@blueprint.route("/<id_or_number>/documents/<uuid:document_id>", methods=["GET"])
@requires_buyer("links")
@blueprint.arguments(LinkQuery, location="query")
@blueprint.response(200, BINARY, content_type=PDF)
@problems(DocumentNotReady, Unavailable)
def get_document(query: dict[str, Any], id_or_number: str, document_id: UUID) -> Response:
    """One of these as PDF."""
    with transaction() as session:
        order = _order(session, id_or_number, query["token"])
        document = queries.one_of_order(session, order.id, document_id)
    return file_of(document)


def _order(session: Session, id_or_number: str, token: str | None) -> Any:
    secrets = settings().jwt_keys
    return order_queries.visible(session, id_or_number, to=buyer(), token=token, secrets=secrets)
