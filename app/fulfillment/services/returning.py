"""Returns, from the wish to the shelf. Each service locks the order, or says that its caller has.

`seller_id` None may decide about everybody's. Each answers the return as it then is, and changes nothing when
that is so already. They raise NotFound, and IllegalTransition for a return that is not where it must be.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.events.services import publish
from app.fulfillment import events, states
from app.fulfillment.errors import UnitsNotReturnable
from app.fulfillment.models import Return, ReturnLine
from app.fulfillment.services.returnable import returnable
from app.orders import services as orders
from app.platform.db import now
from app.platform.errors import Invalid, NotFound
from app.platform.ids import new_id

if TYPE_CHECKING:  # for the hint; the models stay private to their package
    from app.orders.models import Order


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Units of an order's line that the buyer wants to send back, and a word why."""

    line_id: UUID
    quantity: int
    reason: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """Units of a line that came back, and whether they go to the shelf."""

    line_id: UUID
    quantity: int
    restock: bool


def request(
    session: Session,
    order: "Order",
    wanted: Sequence[Unwanted],
    *,
    comment: str | None,
    period: timedelta | None,
) -> Sequence[Return]:
    """Ask to send units back that were delivered, within the `period` if there is one: a return per seller.

    The caller has locked the order. Raises UnitsNotReturnable, and Invalid for lines that are not its.
    """
    _check_units(session, order, wanted, period)
    by_seller: dict[UUID, list[Unwanted]] = defaultdict(list)
    lines = {line.id: line for line in order.lines}
    for each in wanted:
        lines[each.line_id].returned += each.quantity
        by_seller[lines[each.line_id].seller_id].append(each)
    made = [_new_return(order.id, seller_id, by_seller[seller_id], comment) for seller_id in by_seller]
    session.add_all(made)
    session.flush()
    for row in made:
        units = sum(each.quantity for each in row.lines)
        publish(session, events.ReturnRequested(order_id=order.id, return_id=row.id, units=units))
    return made


def lock_return(session: Session, return_id: UUID, *, seller_id: UUID | None) -> tuple["Order", Return]:
    """The return's order, locked, and the return as it is now. Raises NotFound, also for another seller's."""
    whose = select(Return.order_id, Return.seller_id).where(Return.id == return_id)
    found = session.execute(whose).one_or_none()
    if found is None or seller_id not in (None, found.seller_id):
        raise NotFound("There is no such return.")
    order = orders.lock(session, found.order_id)
    fresh = select(Return).where(Return.id == return_id).execution_options(populate_existing=True)
    return order, session.scalars(fresh).one()


def approve(session: Session, return_id: UUID, *, seller_id: UUID | None, note: str | None) -> Return:
    """The buyer may send it back."""
    order, row = lock_return(session, return_id, seller_id=seller_id)
    if row.status != states.APPROVED:
        _move(session, order, row, states.APPROVED)
        row.note = note
        publish(session, events.ReturnApproved(order_id=order.id, return_id=row.id))
    return row


def reject(session: Session, return_id: UUID, *, seller_id: UUID | None, note: str) -> Return:
    """It is not taken back, or what came is not what was agreed on; its units can be asked for again."""
    order, row = lock_return(session, return_id, seller_id=seller_id)
    if row.status != states.REJECTED:
        _move(session, order, row, states.REJECTED)
        row.note = note
        publish(session, events.ReturnRejected(order_id=order.id, return_id=row.id))
    return row


def withdraw(session: Session, order: "Order", return_id: UUID) -> Return:
    """The buyer keeps it. The caller has locked the order."""
    row = session.get(Return, return_id, populate_existing=True)
    if row is None or row.order_id != order.id:
        raise NotFound("There is no such return.")
    if row.status != states.WITHDRAWN:
        _move(session, order, row, states.WITHDRAWN)
        publish(session, events.ReturnWithdrawn(order_id=order.id, return_id=row.id))
    return row


def receive(session: Session, order: "Order", row: Return, arrived: Sequence[Arrived]) -> None:
    """So many units are here again. What did not come may be asked for anew; the money is the caller's.

    Both are locked. Raises Invalid for units that the return is not about.
    """
    states.check_return_move(row.status, states.RECEIVED)
    came = _came(row, arrived)
    for line in row.lines:
        if unit := came.get(line.order_line_id):
            line.received, line.restock = unit.quantity, unit.restock
    _move(session, order, row, states.RECEIVED)
    units = sum(each.quantity for each in arrived)
    publish(session, events.ReturnReceived(order_id=order.id, return_id=row.id, units=units))


def forget_comments(session: Session, order_id: UUID) -> None:
    """Forget what the buyer of an order wrote about its returns, and was written. Repeating is safe."""
    of_order = update(Return).where(Return.order_id == order_id)
    session.execute(of_order.values(comment=None, note=None))


def _move(session: Session, order: "Order", row: Return, target: str) -> None:
    """The only writer of a return's status; units that do not come any more are free for another."""
    states.check_return_move(row.status, target)
    moment = now(session)
    row.status = target
    setattr(row, f"{target}_at", moment)
    if target not in states.UNDER_WAY:
        staying = {each.order_line_id: each.quantity - each.received for each in row.lines}
        for line in order.lines:
            line.returned -= staying.get(line.id, 0)


def _check_units(
    session: Session, order: "Order", wanted: Sequence[Unwanted], period: timedelta | None
) -> None:
    _check_once([each.line_id for each in wanted], {line.id for line in order.lines}, "this order")
    possible = returnable(session, order, period=period)
    short = [each.line_id for each in wanted if each.quantity > possible[each.line_id]]
    if short:
        raise UnitsNotReturnable(
            "Not so many units have come, are in no return yet, and may still be sent back.",
            lines=[{"line_id": str(line_id), "returnable": possible[line_id]} for line_id in short],
        )


def _came(row: Return, arrived: Sequence[Arrived]) -> Mapping[UUID, Arrived]:
    asked = {each.order_line_id: each.quantity for each in row.lines}
    _check_once([each.line_id for each in arrived], asked.keys(), "this return")
    if any(each.quantity > asked[each.line_id] for each in arrived):
        errors = {"lines": ["More units than the return is about."]}
        raise Invalid("Take in no more than was to come back.", errors=errors)
    return {each.line_id: each for each in arrived}


def _check_once(named: Sequence[UUID], known: Collection[UUID], whose: str) -> None:
    if not set(named) <= set(known) or len(named) > len(set(named)):
        errors = {"lines": [f"Not lines of {whose}, each once."]}
        raise Invalid(f"Name lines of {whose}, each once.", errors=errors)


def _new_return(order_id: UUID, seller_id: UUID, wanted: Sequence[Unwanted], comment: str | None) -> Return:
    lines = [
        ReturnLine(order_line_id=each.line_id, quantity=each.quantity, reason=each.reason) for each in wanted
    ]
    return Return(id=new_id(), order_id=order_id, seller_id=seller_id, comment=comment, lines=lines)
