"""Transfers: what a line of the bank's statement is for, and settling it once an operator has noted it."""

import re
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from app.orders import queries as order_queries
from app.orders import services as orders
from app.orders.states import PENDING
from app.payments import queries as payment_queries
from app.payments.gateway.protocol import ProviderPayment
from app.payments.services import bank, payments, refunds, reviews
from app.payments.services.bank import StatementLine
from app.payments.states import ACCEPT, FAILED, MANUAL
from app.platform.errors import NotFound
from app.platform.pagination import Page, paged
from app.platform.party import Party
from app.settlement.errors import RefundNotPossible
from app.settlement.services.refunding import settle_refund
from app.settlement.services.reviewing import resolve
from app.settlement.services.settling import Holds, settle

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment, PaymentReview, Refund

ORDER_NUMBER = re.compile(r"(ORD)\W*(\d{8})\W*([0-9A-Z]{6})")


def awaited(
    session: Session, *, reference: str | None, seen: tuple[datetime, UUID] | None, limit: int
) -> "Page[Payment]":
    """A page of the payments that wait for a transfer, oldest first; `seen` is the last one's place.

    With a `reference` those by transfer of the order that it names, newest first, whatever became of them:
    money may come late, or in parts.
    """
    if reference is None:
        return bank.awaited(session, after=seen, limit=limit)
    try:
        order = order_queries.readable(session, _as_number(reference), by=Party(is_operator=True))
    except NotFound:
        return Page([], None)
    theirs = [each for each in payment_queries.of_order(session, order.id) if each.provider == MANUAL]
    left = [each for each in reversed(theirs) if seen is None or each.id < seen[1]]
    return paged(left, limit, bank.place_of)


def _as_number(text: str) -> str:
    """The order number in what a buyer wrote: banks take its dashes away, and people write around it."""
    found = ORDER_NUMBER.search(text.upper())
    return "-".join(found.groups()) if found else text


def note_transfer(session: Session, payment_id: UUID, line: StatementLine, *, holds: Holds) -> "Payment":
    """Note money that has come for a payment, and settle it as `settle` does; the payment as it is then.

    Once all parts of what came short are here, they pay the order without anybody's decision. Until then
    the review says how much has come. Repeating changes nothing. Raises NotFound, NotByTransfer and
    TransferKnown. Locks as `settle` does.
    """
    order = orders.lock(session, payment_queries.get(session, payment_id).order_id)
    payment = payments.lock(session, payment_id)
    seen = bank.note_received(session, payment, line)
    review = reviews.behind(session, payment, seen)
    if review is None or review.decision is not None:
        settle(session, seen, holds=holds)
        return payment
    review = reviews.lock(session, review.id)
    review.amount = seen.amount_received
    if _is_complete(order, payment, review, seen):
        resolve(session, order, payment, review, seen, decision=ACCEPT, note="All of it has come.")
    return payment


def _is_complete(order: "Order", payment: "Payment", review: "PaymentReview", seen: ProviderPayment) -> bool:
    is_wanted = order.status == PENDING and order.cancel_requested_at is None
    came_short = review.reason == "amount_received" and seen.provider_id == payment.provider_id
    return is_wanted and came_short and seen.amount_received == payment.amount


def note_paid_out(
    session: Session, refund_id: UUID, *, reference: str, booked_on: date | None = None
) -> "Refund":
    """Note the line by which all of a refund was paid out, and settle it; the refund as it is then.

    Repeating changes nothing. Raises NotFound, NotByTransfer, TransferKnown, and RefundNotPossible for one
    that has failed. Locks order, payment and refund.
    """
    found = payment_queries.refund(session, refund_id)
    orders.lock(session, found.order_id)
    payment, refund = payments.lock(session, found.payment_id), refunds.lock(session, refund_id)
    if refund.status == FAILED:
        raise RefundNotPossible("It has failed: retry it, and pay that out.", refund_status=refund.status)
    line = StatementLine(reference, refund.money, booked_on)
    settle_refund(session, bank.note_paid_out(session, payment, refund, line))
    return refund
