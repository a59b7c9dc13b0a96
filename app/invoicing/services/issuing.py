"""Issuing: a number is taken and everything that stands on the document is frozen, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from app.events.services import publish
from app.invoicing import queries
from app.invoicing.events import CreditNoteIssued, InvoiceIssued, RenderRequested
from app.invoicing.models import Document
from app.invoicing.services import freezing, numbering
from app.invoicing.services.parts import SHIPPING, Part, credit, left_of, parts_from, parts_of, taken_back
from app.invoicing.services.rules import InvoiceRules
from app.invoicing.states import BESIDE_THE_INVOICE, CREDIT_NOTE, INVOICE, NEVER_INVOICED, OF_THE_DASHBOARD
from app.orders import services as orders
from app.payments import queries as payment_queries
from app.payments.services import payments, refunds
from app.payments.states import RETURNED, SUCCEEDED, UNANSWERED
from app.platform.db import Json
from app.platform.ids import new_id
from app.platform.money import step
from app.platform.working_days import WorkingDays

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment, Refund


@dataclass(frozen=True, slots=True)
class Office:
    """By what documents are issued; the calendar knows in which year and on which day."""

    rules: InvoiceRules
    calendar: WorkingDays

    def prefix(self, kind: str) -> str:
        """What numbers of a kind begin with."""
        return self.rules.invoice_prefix if kind == INVOICE else self.rules.credit_note_prefix


def issue_invoice(session: Session, order_id: UUID, *, office: Office) -> Document | None:
    """The invoice of an order: the one that it has, else a new one. None for one that was never paid.

    Locks the order, then the numbers of the year, until the transaction ends. Raises NotFound.
    """
    return _invoice_of(session, orders.lock(session, order_id), office)


def issue_credit_note(session: Session, refund_id: UUID, *, office: Office) -> Document | None:
    """The credit note of a refund: the one that it has, else a new one, and before it the order's invoice.

    None when the refund takes nothing of an invoice back: the order was never paid, the money was paid
    beyond the invoice or has come back, or all that has gone back is credited already. So all credit notes
    come to no more than that, of which one may be for a refund that has failed since; but with the last of
    the order's money goes what nobody paid, because less was accepted. Locks order, payment and refund, then
    the numbers of the year. Raises NotFound.
    """
    found = payment_queries.refund(session, refund_id)
    order = orders.lock(session, found.order_id)
    payments.lock(session, found.payment_id)
    refund = refunds.lock(session, refund_id)
    if known := queries.credit_note(session, refund_id):
        return known
    left = _not_credited(session, order.id)
    amount = min(refund.amount, left)
    if not _counts(session, refund) or amount <= 0:
        return None
    if amount == left and _is_all_back(session, order.id):
        amount = order.total_amount  # of which only what is left is taken back
    invoice = _invoice_of(session, order, office)
    parts = _taken_back(session, order, refund, invoice, amount=amount) if invoice else []
    if invoice is None or not parts:
        return None
    if not invoice.is_ready:
        publish(session, RenderRequested(invoice.id))
    facts = freezing.credit_note_facts(
        order, refund, parts, invoice=invoice, seller=office.rules.seller, calendar=office.calendar
    )
    document = _issue(session, order, CREDIT_NOTE, parts, facts, office=office, refund_id=refund_id)
    issued = CreditNoteIssued(order.id, document.id, refund_id, document.number)
    publish(session, issued)
    return document


def _not_credited(session: Session, order_id: UUID) -> int:
    """How much of what was invoiced has gone back, and stands on no credit note."""
    found = payment_queries.refunds_of_order(session, order_id)
    gone = sum(each.amount for each in found if _counts(session, each))
    return gone - sum(each.total_amount for each in queries.credit_notes(session, order_id))


def _is_all_back(session: Session, order_id: UUID) -> bool:
    """Whether all that was ever paid for the order is back; what was paid beside that at least goes back."""
    under_way = [
        each for each in payment_queries.refunds_of_order(session, order_id) if each.status in UNANSWERED
    ]
    is_back = all(_is_beside_the_invoice(session, each) for each in under_way)
    return is_back and not payment_queries.kept_of_order(session, order_id)


def _counts(session: Session, refund: "Refund") -> bool:
    """Whether money that was invoiced has gone back by it, and has not come back since."""
    return refund.status == RETURNED and not _is_beside_the_invoice(session, refund)


def _is_beside_the_invoice(session: Session, refund: "Refund") -> bool:
    """Whether it gives back what was paid beyond the invoice.

    What was given back in the provider's dashboard has no reason of its own, nor has another try of it: it
    goes by the shop's refunds of the same money.
    """
    if refund.reason != OF_THE_DASHBOARD:
        return refund.reason in BESIDE_THE_INVOICE
    money = (refund.payment_id, refund.intent_id)
    others = payment_queries.refunds_of_order(session, refund.order_id)
    return any((it.payment_id, it.intent_id) == money and it.reason in NEVER_INVOICED for it in others)


def record_rendered(session: Session, document_id: UUID, *, sha256: str, byte_size: int) -> None:
    """Note that the file is stored, under its hash."""
    row = update(Document).where(Document.id == document_id)
    session.execute(row.values(rendered_at=func.now(), sha256=sha256, byte_size=byte_size))


def _invoice_of(session: Session, order: "Order", office: Office) -> Document | None:
    known = queries.invoice(session, order.id)
    if known is not None or order.paid_at is None:
        return known
    parts = parts_of(order)
    facts = freezing.invoice_facts(
        order, _paid_with(session, order.id), parts, seller=office.rules.seller, calendar=office.calendar
    )
    document = _issue(session, order, INVOICE, parts, facts, office=office)
    publish(session, InvoiceIssued(order.id, document.id, document.number))
    return document


def _paid_with(session: Session, order_id: UUID) -> "Payment | None":
    """The oldest payment that has succeeded and was the order's; what else took money beside it was not."""
    found = payment_queries.refunds_of_order(session, order_id)
    # By the name of another object it is about that one's money.
    beside = {each.payment_id for each in found if each.reason in NEVER_INVOICED and each.intent_id is None}
    taken = payment_queries.taken_of_order(session, order_id)
    return next((each for each in taken if each.status == SUCCEEDED and each.id not in beside), None)


def _issue(
    session: Session,
    order: "Order",
    kind: str,
    parts: Sequence[Part],
    facts: Json,
    *,
    office: Office,
    refund_id: UUID | None = None,
) -> Document:
    taken = numbering.take(session, kind, calendar=office.calendar)
    issued_on = office.calendar.local(taken.issued_at).date()
    document = Document(
        id=new_id(),
        kind=kind,
        year=taken.year,
        sequence=taken.sequence,
        number=taken.written(office.prefix(kind)),
        order_id=order.id,
        refund_id=refund_id,
        currency=order.currency,
        total_amount=sum(part.gross for part in parts),
        tax_amount=sum(part.tax for part in parts),
        facts=facts | {"issued_on": issued_on.isoformat()},
        issued_at=taken.issued_at,
    )
    session.add(document)
    session.flush()
    return document


def _taken_back(
    session: Session, order: "Order", refund: "Refund", invoice: Document, *, amount: int
) -> list[Part]:
    """What `amount` of the refund takes back of each part of the invoice; those left whole are left out."""
    whole = parts_from(invoice.facts["parts"])
    earlier = [
        part for each in queries.credit_notes(session, order.id) for part in parts_from(each.facts["parts"])
    ]
    left = left_of(whole, earlier)
    units = {str(each.order_line_id): each.quantity for each in refund.lines}
    known = {str(each.order_line_id): each.amount for each in refund.lines if each.amount is not None}
    wanted = _gross_of(whole, units) | known | {SHIPPING: refund.shipping_amount}
    shares = credit(amount, left, wanted=wanted, step=step(order.currency))
    is_all = not earlier and sum(gross for gross, _ in shares) == invoice.total_amount
    includes_tax = invoice.facts["prices_include_tax"]
    return [
        part if is_all else taken_back(part, gross, tax, units=units.get(part.key), includes_tax=includes_tax)
        for part, (gross, tax) in zip(whole, shares, strict=True)
        if gross
    ]


def _gross_of(parts: Sequence[Part], units: dict[str, int]) -> dict[str, int]:
    """What was paid for so many units of each line, rounded up."""
    return {
        part.key: -(-part.gross * units[part.key] // (part.quantity or 1))
        for part in parts
        if part.key in units
    }
