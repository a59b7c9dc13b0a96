"""Mails to buyers, noted as sent by the ledger's own steps."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.notifications.services import ledger
from app.notifications.services.envelopes import Envelope
from app.orders import services as orders
from tests.sales import Sale


def mail(session: Session, sale: Sale, kind: str, refund_id: UUID | None = None) -> None:
    """Tell the buyer of an order."""
    order = orders.lock(session, sale.order_id)
    envelope = Envelope(kind=kind, recipient=order.email, locale="en", order_id=order.id, refund_id=refund_id)
    message = ledger.begin(session, envelope, domain="shop.example")
    assert message is not None
    ledger.record_sent(session, message.id, answer="250")
