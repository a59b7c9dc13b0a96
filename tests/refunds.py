"""Refunds that are owed, what the provider may say about them, and what our books say then."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.orders import services as orders
from app.payments.gateway.protocol import ProviderRefund
from app.payments.services import payments, refunds
from app.settlement.services import settle
from tests.buyers import Purchase
from tests.database import rows
from tests.sales import HOLDS, Placed, Sale, make_sale


def make_paid(session: Session) -> Sale:
    """An order of 26.99 that is paid."""
    sale = make_sale(session)
    settle(session, sale.seen("succeeded"), holds=HOLDS)
    return sale


def owe(session: Session, sale: Sale | Purchase, amount: int, reason: str = "other") -> UUID:
    """A refund of the sale's payment that nobody has sent yet."""
    orders.lock(session, sale.order_id)
    payment = payments.lock(session, sale.payment_id)
    refund = refunds.owe(session, payment, amount=amount, currency="USD", reason=reason)
    session.flush()
    return refund.id


def reported(sale: Sale, amount: int, status: str = "succeeded", **values: Any) -> ProviderRefund:
    """A refund at the provider, made in its dashboard unless `values` name ours."""
    facts: dict[str, Any] = {
        "provider_id": "re_1",
        "status": status,
        "amount": amount,
        "currency": "USD",
        "intent_id": sale.provider_id,
        "refund_id": None,
        "order_id": None,
        "failure_reason": "expired_or_canceled_card" if status == "failed" else None,
        "created_at": datetime.now(UTC),
    }
    return ProviderRefund(**facts | values)


def books(sale: Placed, session: Session | None = None) -> tuple[str, int, list[tuple[Any, ...]]]:
    """The order's payment status, what goes back of its payments, and each refund: source, status, amount."""
    values = {"id": sale.order_id}
    ((status,),) = rows("SELECT payment_status FROM orders WHERE id = :id", session, **values)
    ((back,),) = rows("SELECT sum(refunded_amount) FROM payments WHERE order_id = :id", session, **values)
    found = "SELECT source, status, amount FROM refunds WHERE order_id = :id ORDER BY created_at, id"
    return status, int(back), rows(found, session, **values)
