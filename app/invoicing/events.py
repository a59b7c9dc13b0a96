"""Facts about invoices and credit notes."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class InvoiceIssued(Event):
    """The order's invoice has its number, and will never change."""

    topic: ClassVar[str] = "invoicing.invoice_issued"
    order_id: UUID
    document_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class CreditNoteIssued(Event):
    """What a refund takes back of the order's invoice has its number, and will never change."""

    topic: ClassVar[str] = "invoicing.credit_note_issued"
    order_id: UUID
    document_id: UUID
    refund_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class RenderRequested(Event):
    """The file of a document is to be made once more, from what was frozen when it was issued."""

    topic: ClassVar[str] = "invoicing.render_requested"
    document_id: UUID
