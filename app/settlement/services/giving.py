"""Refunds that operators ask for: of an amount, of units of the order's lines, or of all that is left."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from app.fulfillment import services as fulfillment
from app.inventory import queries as inventory_queries
from app.inventory import services as inventory
from app.orders import services as orders
from app.payments import queries as payment_queries
from app.payments.services import payments, refunds
from app.payments.services.refunds import Units
from app.payments.states import FAILED
from app.platform.errors import Invalid
from app.platform.money import Money, allocate, step
from app.settlement.errors import RefundNotPossible, RefundTooLarge, UnitsNotSold
from app.settlement.services.leaving import left_by_object
from app.settlement.services.sending import owe_again, units_of

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment, Refund


@dataclass(frozen=True, slots=True)
class RefundWish:
    """What is to be given back, and why. Without an amount it follows from the units, if any.

    To what follows from them `shipping_amount` is added, minor units of what sending had cost.
    """

    amount: Money | None
    reason: str
    note: str | None
    units: Sequence[Units]
    shipping_amount: int = 0


def give_back(session: Session, order: "Order", wish: RefundWish) -> "Refund":
    """Owe a refund of an order that the caller has locked, and put its units back on the shelf if asked to.

    It is of one payment: the oldest that has the amount left; without an amount, all that the oldest with any
    has left. Units that were not sent yet never are, unless they came back. Raises RefundNotPossible,
    RefundTooLarge, UnitsNotSold, UnitsPacked and Invalid. Locks payment, reservations and stock.
    """
    _check_possible(session, order)
    _check_units(session, order, wish.units)
    units = priced(session, order, wish.units)
    amount = _amount(order, wish, units)
    payment = _payment_for(session, order, amount)
    _withhold(session, order, units)
    check_shelf(session, order, units)
    refund = refunds.owe(
        session,
        payment,
        amount=_left(session, payment) if amount is None else amount,
        currency=payment.currency,
        reason=wish.reason,
        note=wish.note,
        units=units,
        shipping_amount=wish.shipping_amount,
    )
    put_on_shelf(session, order, units, reference=refund.id)
    return refund


def give_back_again(session: Session, refund_id: UUID) -> "Refund":
    """Owe anew what has failed; the same again answers with the same new refund. Units stay where they are.

    What followed from units and shipping does so again: other refunds may have been for some of it meanwhile,
    and units that were withheld for this one are theirs now. Raises NotFound, RefundNotPossible,
    RefundTooLarge, UnitsNotSold, UnitsPacked, Invalid. Locks order, payment, refund.
    """
    found = payment_queries.refund(session, refund_id)
    order = orders.lock(session, found.order_id)
    payment, failed = payments.lock(session, found.payment_id), refunds.lock(session, refund_id)
    if (instead := payment_queries.retry_of(session, refund_id)) is not None:
        return instead
    if failed.status != FAILED:
        raise RefundNotPossible("Only a refund that has failed can be retried.", refund_status=failed.status)
    _check_possible(session, order)
    _check_units(session, order, units_of(failed))
    units = priced(session, order, units_of(failed))
    shipping = min(failed.shipping_amount, price_of_shipping(session, order))
    amount = _price(units, shipping) if _followed(failed) else failed.amount
    if (left := _left(session, payment, failed.intent_id)) < amount:
        raise _too_large(left, payment.currency)
    _withhold(session, order, units, again=True)
    return owe_again(session, payment, failed, amount=amount, units=units, shipping_amount=shipping)


def _withhold(session: Session, order: "Order", units: Sequence[Units], *, again: bool = False) -> None:
    """What did not come back is never sent. Before the refund is owed, which would count as one more."""
    if unsent := {each.line_id: each.quantity for each in units if not each.came_back}:
        gone = payment_queries.refunded_units(session, order.id)
        came_back = payment_queries.refunded_units(session, order.id, that_came_back=True)
        fulfillment.withhold(session, order, unsent, refunded=gone, came_back=came_back, again=again)


def _followed(refund: "Refund") -> bool:
    """Whether the amount is that of its units and shipping, and not one that somebody has named."""
    return refund.amount == sum(each.amount or 0 for each in refund.lines) + refund.shipping_amount


def _check_possible(session: Session, order: "Order") -> None:
    taken = payment_queries.taken_of_order(session, order.id)
    reasons = {
        "Nothing was paid.": not taken,
        "The payment is being checked: an operator decides about it first.": order.payment_status == "review",
        # An inquiry has not taken the money: a refund is the best answer to it.
        "A bank has taken the money back: giving it back, too, would pay twice.": any(
            payment_queries.is_withdrawn(session, payment.id) for payment in taken
        ),
    }
    for reason, applies in reasons.items():
        if applies:
            raise RefundNotPossible(reason, payment_status=order.payment_status)


def _check_units(session: Session, order: "Order", units: Sequence[Units]) -> None:
    known, wanted = {line.id for line in order.lines}, [each.line_id for each in units]
    if not set(wanted) <= known or len(wanted) > len(set(wanted)):
        raise Invalid("Name lines of this order, each once.", errors={"lines": ["Not lines of this order."]})
    refundable = _refundable(session, order, units)
    if short := [each.line_id for each in units if each.quantity > refundable[each.line_id]]:
        raise _not_sold(short, refundable=refundable, restockable=_off_the_shelf(session, order))


def check_shelf(session: Session, order: "Order", units: Sequence[Units]) -> None:
    """See that those of the units that are to be on the shelf are not there yet, and that nobody sends them.

    A refund that has failed since leaves its units where they are. The caller has withheld them. Raises
    UnitsNotSold.
    """
    if not (to_shelf := {each.line_id: each.quantity for each in units if each.restock}):
        return
    out, sent = _off_the_shelf(session, order), fulfillment.sent_units(session, order.id)
    to_send = {line.id: line.quantity - line.withheld - sent.get(line.id, 0) for line in order.lines}
    restockable = {line_id: max(0, out[line_id] - to_send[line_id]) for line_id in out}
    if short := [line_id for line_id, wanted in to_shelf.items() if wanted > restockable[line_id]]:
        raise _not_sold(short, refundable=_refundable(session, order, units), restockable=restockable)


def _off_the_shelf(session: Session, order: "Order") -> Mapping[UUID, int]:
    """Units of each line that were sold and are not back."""
    out = inventory_queries.returnable(session, order.id)
    return {line.id: out.get(line.variant_id, 0) for line in order.lines}


def _not_sold(
    lines: Sequence[UUID], *, refundable: Mapping[UUID, int], restockable: Mapping[UUID, int]
) -> UnitsNotSold:
    possible = [
        {"line_id": str(each), "refundable": refundable[each], "restockable": restockable[each]}
        for each in lines
    ]
    return UnitsNotSold("More units than were sold, or are not back already.", lines=possible)


def _refundable(session: Session, order: "Order", units: Sequence[Units]) -> Mapping[UUID, int]:
    """Units of each line that no refund is for yet; of lines that came back, only those that nobody sends."""
    gone = payment_queries.refunded_units(session, order.id)
    came_back = {each.line_id for each in units if each.came_back}
    sent = fulfillment.sent_units(session, order.id) if came_back else {}
    settled = {line.id: line.withheld + sent.get(line.id, 0) for line in order.lines}
    return {
        line.id: min(line.quantity, settled[line.id] if line.id in came_back else line.quantity)
        - gone.get(line.id, 0)
        for line in order.lines
    }


def _amount(order: "Order", wish: RefundWish, units: Sequence[Units]) -> int | None:
    if wish.amount is not None:
        if wish.amount.currency != order.currency:
            errors = {"amount": [f"The order is in {order.currency}."]}
            raise Invalid("Another currency than the order's.", errors=errors)
        if wish.amount.amount == 0:
            raise Invalid("Nothing cannot be given back.", errors={"amount": ["Must be more than 0."]})
        return wish.amount.amount
    return _price(units, wish.shipping_amount) if units else None


def _price(units: Sequence[Units], shipping_amount: int) -> int:
    price = sum(each.amount or 0 for each in units) + shipping_amount
    if price == 0:
        raise Invalid("These units were free.", errors={"amount": ["Say how much."]})
    return price


def priced(session: Session, order: "Order", units: Sequence[Units]) -> Sequence[Units]:
    """The units with what was paid for them: their share of what was charged for their lines."""
    lines, gone = {line.id: line for line in order.lines}, payment_queries.refunded_units(session, order.id)
    paid = _paid_for_units(session, order)
    return [
        replace(
            each,
            amount=share(
                order.charged(lines[each.line_id]),
                bought=lines[each.line_id].quantity,
                gone=gone.get(each.line_id, 0),
                paid=paid.get(each.line_id),
                units=each.quantity,
                step=step(order.currency),
            ),
        )
        for each in units
    ]


def _paid_for_units(session: Session, order: "Order") -> Mapping[UUID, int]:
    """What was charged for the units of each line that refunds are for, where that is known of all."""
    standing = [each for each in payment_queries.refunds_of_order(session, order.id) if each.status != FAILED]
    units = [each for refund in standing for each in refund.lines]
    unknown = {each.line_id for each in units if each.amount is None}
    paid: Counter[UUID] = Counter()
    for each in units:
        paid[each.line_id] += each.amount or 0
    return {line_id: amount for line_id, amount in paid.items() if line_id not in unknown}


def share(whole: int, *, bought: int, gone: int, paid: int | None, units: int, step: int = 1) -> int:
    """What `units` of a line cost, of which `bought` cost the `whole`, and `gone` were given back for `paid`.

    The first have the first shares, so if it is not known what was paid, these were. However its units go
    back, and whichever refunds fail, together they come to the whole. Each share is in whole steps.
    """
    shares = allocate(whole, [1] * bought, step=step)
    return max(0, sum(shares[: gone + units]) - (sum(shares[:gone]) if paid is None else paid))


def price_of_shipping(session: Session, order: "Order") -> int:
    """What was charged for shipping the order, less what went back of it before."""
    found = payment_queries.refunds_of_order(session, order.id)
    gone = sum(each.shipping_amount for each in found if each.status != FAILED)
    return max(0, order.shipping_charged - gone)


def _payment_for(session: Session, order: "Order", amount: int | None) -> "Payment":
    taken = payment_queries.taken_of_order(session, order.id)
    # Locked by ascending id, chosen by age.
    locked = {each.id: payments.lock(session, each.id) for each in sorted(taken, key=lambda each: each.id)}
    left = {each.id: _left(session, locked[each.id]) for each in taken}
    for each in taken:
        if left[each.id] >= (amount or 1):
            return locked[each.id]
    raise _too_large(max(left.values()), order.currency)


def _left(session: Session, payment: "Payment", intent_id: str | None = None) -> int:
    """What the payment's own object has left to give back, or another one of it."""
    return max(0, left_by_object(session, payment).get(intent_id, 0))


def _too_large(left: int, currency: str) -> RefundTooLarge:
    return RefundTooLarge(
        f"At most {Money(left, currency)} is left to be given back.",
        left={"amount": left, "currency": currency},
    )


def put_on_shelf(session: Session, order: "Order", units: Sequence[Units], *, reference: UUID) -> None:
    """Restock those units that are to be. The same `reference` again changes nothing. Locks stock."""
    variants = {line.id: line.variant_id for line in order.lines}
    back = {variants[each.line_id]: each.quantity for each in units if each.restock}
    if back:
        inventory.take_back(session, holder_id=order.id, quantities=back, reference=str(reference))
