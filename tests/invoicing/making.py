"""Invoices and credit notes that tests begin with."""

from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session

from app.invoicing.models import Document
from app.invoicing.services import issuing, numbering
from app.invoicing.services.issuing import Office
from app.invoicing.services.keys import PRIVATE, file_key, hash_of
from app.invoicing.services.rules import invoice_rules
from app.invoicing.states import INVOICE
from app.media.gateway.select import storage_of
from app.payments.services import payments, refunds
from app.payments.states import PENDING, RETURNED
from app.platform.db import transaction
from app.platform.environment import Environment
from app.platform.ids import new_id
from app.platform.working_days import WorkingDays
from tests.database import rows
from tests.sales import Placed

SELLER = {"APP_ENV": "development", "SELLER_NAME": "Lamps & Co", "SELLER_ADDRESS": "1 Back Street; London"}
OFFICE = Office(invoice_rules(Environment(SELLER)), WorkingDays())


def returned(session: Session, sale: Placed, amount: int, reason: str = "other", **more: Any) -> UUID:
    """A refund of a paid sale that has succeeded."""
    ((payment_id,),) = rows("SELECT id FROM payments WHERE order_id = :id", session, id=sale.order_id)
    payment = payments.lock(session, payment_id)
    refund = refunds.owe(session, payment, amount=amount, currency="USD", reason=reason, **more)
    refunds.move(payment, refund, PENDING)
    refunds.move(payment, refund, RETURNED)
    refunds.record_succeeded(session, refund)
    session.flush()
    return refund.id


def invoice_of(session: Session, sale: Placed) -> Document:
    """The invoice of a paid sale, as if its file were there."""
    document = issuing.issue_invoice(session, sale.order_id, office=OFFICE)
    assert document is not None
    issuing.record_rendered(session, document.id, sha256="of a file", byte_size=1)
    return document


def filed(app: Flask, order_id: str) -> str:
    """A document of an order, whatever that is, with a file of a few bytes."""
    content = b"%PDF of " + order_id.encode()
    sha256, document_id = hash_of(content), new_id()
    with transaction() as session:
        taken = numbering.take(session, INVOICE, calendar=OFFICE.calendar)
        document = Document(
            id=document_id,
            kind=INVOICE,
            year=taken.year,
            sequence=taken.sequence,
            number=taken.written("INV"),
            order_id=UUID(order_id),
            currency="USD",
            total_amount=0,
            tax_amount=0,
            facts={},
            issued_at=taken.issued_at,
        )
        session.add(document)
        session.flush()
        issuing.record_rendered(session, document_id, sha256=sha256, byte_size=len(content))
    storage_of(app).put(file_key(document_id, sha256), content, headers=PRIVATE)
    return str(document_id)
