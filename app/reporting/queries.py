"""Figures from every package's rows: all that the shop knows of a user, and what sells."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.carts.models import Cart, CartItem
from app.catalog.models import Review
from app.fulfillment.models import Return, ReturnLine
from app.identity.models import Address, SellerApplication, User, UserSession
from app.invoicing.models import Document
from app.notifications.models import Message, StockNotice, UndeliverableAddress
from app.orders.models import Order, OrderLine
from app.payments.models import Payment, ProviderCustomer, Refund, SavedMethod
from app.platform.db import Base, Json, table_of

LATELY = timedelta(days=30)
"""How far back sales make a product popular."""
WITHHELD = {
    "users": {"password_hash"},
    "user_sessions": {"refresh_jti", "previous_jti"},
    "orders": {"guest_token_hash", "cart_fingerprint"},
    "payments": {"client_secret", "redirect_url", "parameters", "idempotency_key"},
    "refunds": {"parameters", "idempotency_key"},
    "messages": {"provider_answer", "last_error", "dedupe_key"},
    "saved_methods": {"provider_id"},
    "undeliverable_addresses": {"client_id"},
}
"""Secrets, and what is about our machines instead of the person."""


def everything(session: Session, user_id: UUID) -> Json:
    """All that is the user's, by what it is: the account, addresses, orders, mails, reviews and so on."""
    mine = Order.user_id == user_id
    return {
        "account": _rows(session, User, User.id == user_id),
        "addresses": _rows(session, Address, Address.user_id == user_id),
        "logins": _rows(session, UserSession, UserSession.user_id == user_id),
        "cart": _rows(session, CartItem, CartItem.cart_id.in_(_cart(user_id))),
        "orders": _rows(session, Order, mine),
        "order_lines": _rows(session, OrderLine, OrderLine.order_id.in_(select(Order.id).where(mine))),
        "payments": _rows(session, Payment, Payment.order_id.in_(select(Order.id).where(mine))),
        "refunds": _rows(session, Refund, Refund.order_id.in_(select(Order.id).where(mine))),
        "documents": _rows(session, Document, Document.order_id.in_(select(Order.id).where(mine))),
        "returns": _rows(session, Return, Return.order_id.in_(select(Order.id).where(mine))),
        "return_lines": _rows(session, ReturnLine, ReturnLine.return_id.in_(_returns(mine))),
        "saved_payment_methods": _rows(session, SavedMethod, SavedMethod.customer_id.in_(_wallet(user_id))),
        "mails": _rows(
            session,
            Message,
            (Message.user_id == user_id) | Message.order_id.in_(select(Order.id).where(mine)),
        ),
        "undeliverable_addresses": _rows(
            session, UndeliverableAddress, UndeliverableAddress.email.in_(_address(user_id))
        ),
        "seller_applications": _rows(session, SellerApplication, SellerApplication.user_id == user_id),
        "stock_notices": _rows(session, StockNotice, StockNotice.user_id == user_id),
        "reviews": _rows(session, Review, Review.user_id == user_id),
    }


def _returns(mine: ColumnElement[bool]) -> Select[UUID]:
    return select(Return.id).join(Order, Order.id == Return.order_id).where(mine)


def _wallet(user_id: UUID) -> Select[UUID]:
    return select(ProviderCustomer.id).where(ProviderCustomer.user_id == user_id)


def _address(user_id: UUID) -> Select[str]:
    return select(func.lower(User.email)).where(User.id == user_id)


def _cart(user_id: UUID) -> Select[UUID]:
    return select(Cart.id).where(Cart.user_id == user_id)


def _rows(session: Session, model: type[Base], which: ColumnElement[bool]) -> list[dict[str, Any]]:
    table = table_of(model)
    withheld = WITHHELD.get(table.name, set())
    columns = [column for column in table.columns if column.name not in withheld]
    return [dict(row) for row in session.execute(select(*columns).where(which)).mappings()]


def units_sold(*conditions: ColumnElement[bool]) -> Select[UUID, int]:
    """The units of each product in orders that were paid in the last 30 days and are not cancelled."""
    units = func.sum(OrderLine.quantity).label("units")
    lately = Order.paid_at > func.now() - LATELY
    kept = select(OrderLine.product_id, units).join(Order, Order.id == OrderLine.order_id)
    return kept.where(lately, Order.status != "cancelled", *conditions).group_by(OrderLine.product_id)
