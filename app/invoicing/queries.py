"""Reading invoices and credit notes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.invoicing.models import Document
from app.invoicing.states import CREDIT_NOTE, INVOICE
from app.platform.errors import NotFound
from app.platform.pagination import Page, paged

Before = tuple[datetime, UUID] | None


def get(session: Session, document_id: UUID) -> Document:
    """A document. Raises NotFound."""
    document = session.get(Document, document_id)
    if document is None:
        raise NotFound("There is no such document.")
    return document


def invoice(session: Session, order_id: UUID) -> Document | None:
    """The order's invoice, if it was issued."""
    of_order = select(Document).where(Document.order_id == order_id, Document.kind == INVOICE)
    return session.scalars(of_order).one_or_none()


def credit_note(session: Session, refund_id: UUID) -> Document | None:
    """The credit note of a refund, if it was issued."""
    return session.scalars(select(Document).where(Document.refund_id == refund_id)).one_or_none()


def credit_notes(session: Session, order_id: UUID) -> Sequence[Document]:
    """The order's credit notes, in the order in which they were issued."""
    return [each for each in of_order(session, order_id) if each.kind == CREDIT_NOTE]


def of_order(session: Session, order_id: UUID) -> Sequence[Document]:
    """The order's invoice, then its credit notes in the order in which they were issued."""
    theirs = select(Document).where(Document.order_id == order_id)
    return session.scalars(theirs.order_by(Document.kind.desc(), Document.issued_at, Document.id)).all()


def one_of_order(session: Session, order_id: UUID, document_id: UUID) -> Document:
    """One of the order's documents. Raises NotFound."""
    document = get(session, document_id)
    if document.order_id != order_id:
        raise NotFound("There is no such document.")
    return document


def documents(
    session: Session, *, kind: str | None, year: int | None, before: Before, limit: int
) -> Page[Document]:
    """Documents of one kind and year or of all, newest first."""
    statement = select(Document)
    if kind is not None:
        statement = statement.where(Document.kind == kind)
    if year is not None:
        statement = statement.where(Document.year == year)
    if before is not None:
        statement = statement.where(tuple_(Document.issued_at, Document.id) < before)
    newest_first = statement.order_by(Document.issued_at.desc(), Document.id.desc())
    rows: Sequence[Document] = session.scalars(newest_first.limit(limit + 1)).all()
    return paged(rows, limit, lambda document: [document.issued_at, document.id])
