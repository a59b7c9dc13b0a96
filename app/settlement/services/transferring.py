"""Transfers: what a line of the bank's statement is for, and settling it once an operator has noted it."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.orders import queries as order_queries
from app.orders.states import PENDING
from app.payments import queries as payment_queries
from app.payments.gateway.protocol import ProviderPayment
from app.payments.services import bank, reviews
from app.payments.states import ACCEPT, MANUAL
from app.platform.errors import NotFound
from app.platform.party import Party
from app.settlement.services.reviewing import resolve
from app.settlement.services.settling import Holds, settle

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment, PaymentReview

ORDER_NUMBER = re.compile(r"(ORD)\W*(\d{8})\W*([0-9A-Z]{6})")


def awaited(session: Session, *, reference: str | None, limit: int) -> "Sequence[Payment]":
    """Up to `limit` payments that wait for a transfer, oldest first.

    With a `reference` those by transfer of the order that it names, newest first, whatever became of them:
    money may come late, or in parts.
    """
    if reference is None:
        return bank.awaited(session, limit=limit)
    try:
        order = order_queries.readable(session, _as_number(reference), by=Party(is_operator=True))
    except NotFound:
        return []
    payments = [each for each in payment_queries.of_order(session, order.id) if each.provider == MANUAL]
    return payments[::-1][:limit]


def _as_number(text: str) -> str:
    """The order number in what a buyer wrote: banks take its dashes away, and people write around it."""
    found = ORDER_NUMBER.search(text.upper())
    return "-".join(found.groups()) if found else text


def settle_transfer(
    session: Session, order: "Order", payment: "Payment", seen: ProviderPayment, *, holds: Holds
) -> None:
    """Settle what has come, as `settle` does; order and payment are locked.

    Once all parts of what came short are here, they pay the order without anybody's decision. Until then
    the review says how much has come. Repeating changes nothing.
    """
    review = reviews.behind(session, payment, seen)
    if review is None or review.decision is not None:
        settle(session, seen, holds=holds)
        return
    review = reviews.lock(session, review.id)
    review.amount = seen.amount_received
    if _is_complete(order, payment, review, seen):
        resolve(session, order, payment, review, seen, decision=ACCEPT, note="All of it has come.")


def _is_complete(order: "Order", payment: "Payment", review: "PaymentReview", seen: ProviderPayment) -> bool:
    is_wanted = order.status == PENDING and order.cancel_requested_at is None
    came_short = review.reason == "amount_received" and seen.provider_id == payment.provider_id
    return is_wanted and came_short and seen.amount_received == payment.amount
