"""How an order stands with its money: one function computes `payment_status` from the rows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.orders import services as orders
from app.payments import queries as payment_queries
from app.payments.states import BESIDE, NEVER_OURS, OVERPAID, RETURNED, SUCCEEDED

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment, Refund


def restate(session: Session, order: "Order") -> None:
    """Bring the order's `payment_status` in line with its payments, refunds and disputes. It is locked.

    A dispute that is open or lost goes before anything but a review, which is left to who decides it. Money
    counts as returned when its refund has succeeded, and no longer when that fails later. A payment
    that was never the order's counts only when there is no other. Nothing taken leaves the status as it is.
    """
    if order.payment_status == "review":
        return
    session.flush()
    if payment_queries.is_disputed(session, order.id):
        orders.note_payments(order, "disputed")
        return
    taking = payment_queries.taken_of_order(session, order.id)
    refunds = _of_their_own(taking, payment_queries.refunds_of_order(session, order.id))
    counted = _counted(taking, refunds)
    # What came beyond a payment's amount is none of the order's money, neither here nor on its way back.
    taken = sum(min(payment.captured_amount, payment.amount) for payment in counted)
    ids = {payment.id for payment in counted}
    back = [each for each in refunds if each.payment_id in ids and each.reason != OVERPAID]
    returned = sum(each.amount for each in back if each.status == RETURNED)
    if taken:
        orders.note_payments(order, _in_a_word(taken, returned))


def _of_their_own(taken: Sequence["Payment"], refunds: Sequence["Refund"]) -> Sequence["Refund"]:
    """Without the refunds of what another object took beside the one that paid: neither counts."""
    paid = {payment.id for payment in taken if payment.status == SUCCEEDED}
    beside = {each.intent_id for each in refunds if each.reason == BESIDE and each.intent_id}
    return [each for each in refunds if not (each.intent_id in beside and each.payment_id in paid)]


def _counted(taken: Sequence["Payment"], refunds: Sequence["Refund"]) -> Sequence["Payment"]:
    surplus = {each.payment_id for each in refunds if each.reason in NEVER_OURS}
    return [payment for payment in taken if payment.id not in surplus] or taken


def _in_a_word(taken: int, returned: int) -> str:
    if returned == 0:
        return "paid"
    return "refunded" if returned >= taken else "partially_refunded"
