"""Moving parcels from state to state, each under its order's lock. `seller_id` None may move everybody's.

Each service answers the parcel as it then is, and changes nothing when that is so already. They raise
NotFound, and IllegalTransition for a parcel, or an order, that is not where it must be.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.services import publish
from app.fulfillment import events, states
from app.fulfillment.models import Fulfillment, ParcelLine
from app.fulfillment.queries import Parcel
from app.fulfillment.services.leaving import check_may_leave, chosen_units
from app.fulfillment.services.standing import lock_parcel, parcels_of, restate, take_out
from app.fulfillment.services.tracking import Tracking
from app.orders import services as orders
from app.orders.errors import IllegalTransition
from app.platform.db import now

if TYPE_CHECKING:  # for the hint; the models stay private to their package
    from app.orders.models import Order


def start(session: Session, parcel_id: UUID, *, seller_id: UUID | None) -> Parcel:
    """Its seller works on it."""
    order, parcel = lock_parcel(session, parcel_id, seller_id=seller_id)
    if parcel.status != states.PROCESSING:
        if parcel.status == states.PACKED:
            raise IllegalTransition("The parcel is packed: unpack it.", parcel_status=parcel.status)
        _move(session, order, parcel, states.PROCESSING)
        publish(session, events.ParcelStarted(order_id=order.id, parcel_id=parcel.id))
        restate(session, order)
    return Parcel(parcel, order)


def pack(
    session: Session, parcel_id: UUID, *, seller_id: UUID | None, units: Mapping[UUID, int] | None = None
) -> Parcel:
    """Units by line are in it; without any, all that its seller still has to pack.

    What is left gets another parcel. Raises UnitsNotLeft, and Invalid for lines that are not the seller's.
    """
    order, parcel = lock_parcel(session, parcel_id, seller_id=seller_id)
    if parcel.status != states.PACKED:
        states.check_move(parcel.status, states.PACKED)
        chosen = chosen_units(order, parcel, units)
        check_may_leave(session, order, chosen)
        _put_in(order, parcel, chosen)
        _move(session, order, parcel, states.PACKED)
        inside = sum(each.quantity for each in parcel.contents)
        publish(session, events.ParcelPacked(order_id=order.id, parcel_id=parcel.id, units=inside))
        restate(session, order)
    return Parcel(parcel, order)


def unpack(session: Session, parcel_id: UUID, *, seller_id: UUID | None) -> Parcel:
    """It is empty, and its seller works on it again; the order stays `packed`."""
    order, parcel = lock_parcel(session, parcel_id, seller_id=seller_id)
    if parcel.status == states.PACKED:
        take_out(parcel, order)
        _move(session, order, parcel, states.PROCESSING)
        parcel.packed_at = parcel.ready_at = None
        publish(session, events.ParcelUnpacked(order_id=order.id, parcel_id=parcel.id))
        restate(session, order)
    elif parcel.status not in states.OPEN:
        states.check_move(parcel.status, states.PROCESSING)
    return Parcel(parcel, order)


def ship(session: Session, parcel_id: UUID, *, seller_id: UUID | None, tracking: Tracking) -> Parcel:
    """It is on its way. What is known of that may be corrected later."""
    order, parcel = lock_parcel(session, parcel_id, seller_id=seller_id)
    if parcel.status != states.SHIPPED:
        _check(order, parcel, states.SHIPPED)
        check_may_leave(session, order, _inside(parcel))
        _note(parcel, {name: fact for name, fact in asdict(tracking).items() if fact is not None})
        _move(session, order, parcel, states.SHIPPED)
        publish(session, events.ParcelShipped(order_id=order.id, parcel_id=parcel.id))
        restate(session, order)
    return Parcel(parcel, order)


def make_ready(session: Session, parcel_id: UUID, *, seller_id: UUID | None) -> Parcel:
    """It lies packed in the store where its buyer picks it up."""
    order, parcel = lock_parcel(session, parcel_id, seller_id=seller_id)
    if order.pickup_store is None:
        raise IllegalTransition("This order is sent, not picked up.", parcel_status=parcel.status)
    if parcel.status != states.PACKED:
        why = f"A parcel that is {parcel.status} does not wait in a store: only a packed one can."
        raise IllegalTransition(why, parcel_status=parcel.status)
    if parcel.ready_at is None:
        check_may_leave(session, order, _inside(parcel))
        parcel.ready_at = now(session)
        publish(session, events.ParcelReady(order_id=order.id, parcel_id=parcel.id))
        restate(session, order)
    return Parcel(parcel, order)


def deliver(session: Session, parcel_id: UUID, *, seller_id: UUID | None) -> Parcel:
    """The buyer has it; what is picked up has been handed over."""
    order, parcel = lock_parcel(session, parcel_id, seller_id=seller_id)
    if parcel.status != states.DELIVERED:
        if order.pickup_store is not None and parcel.status == states.PACKED:
            check_may_leave(session, order, _inside(parcel))
        _move(session, order, parcel, states.DELIVERED)
        if order.pickup_store is not None:
            parcel.ready_at = parcel.ready_at or parcel.delivered_at
        publish(session, events.ParcelDelivered(order_id=order.id, parcel_id=parcel.id))
        restate(session, order)
    return Parcel(parcel, order)


def correct(
    session: Session, parcel_id: UUID, *, seller_id: UUID | None, changes: Mapping[str, Any]
) -> Parcel:
    """Say anew who carries it, under which number, where it is seen and when it comes: fields of Tracking."""
    order, parcel = lock_parcel(session, parcel_id, seller_id=seller_id)
    if parcel.status in (states.DELIVERED, states.CANCELLED):
        raise IllegalTransition(f"The parcel is {parcel.status}.", parcel_status=parcel.status)
    if _note(parcel, changes):
        publish(session, events.TrackingChanged(order_id=order.id, parcel_id=parcel.id))
        restate(session, order)
    return Parcel(parcel, order)


def advance(session: Session, order_id: UUID, target: str) -> "Order":
    """Move all parcels of an order on that are not that far yet: to packed, shipped or delivered."""
    order = orders.lock(session, order_id)
    way = [states.PACKED, states.SHIPPED, states.DELIVERED]
    path = way[: way.index(target) + 1]
    if order.pickup_store is not None and target == states.DELIVERED:
        path.remove(states.SHIPPED)
    if order.finalized_at is None or order.status == states.CANCELLED:
        check_may_leave(session, order, ())
    for step in path:
        for parcel in parcels_of(session, order_id):
            if states.is_before(parcel.status, step):
                _take_step(session, parcel.id, step)
    return order


def _take_step(session: Session, parcel_id: UUID, step: str) -> None:
    if step == states.PACKED:
        pack(session, parcel_id, seller_id=None)
    elif step == states.SHIPPED:
        ship(session, parcel_id, seller_id=None, tracking=Tracking())
    else:
        deliver(session, parcel_id, seller_id=None)


def _check(order: "Order", parcel: Fulfillment, target: str) -> None:
    states.check_move(parcel.status, target, picked_up=order.pickup_store is not None)


def _move(session: Session, order: "Order", parcel: Fulfillment, target: str) -> None:
    """The only writer of a parcel's status but its end."""
    _check(order, parcel, target)
    moment = now(session)
    parcel.status = target
    setattr(parcel, f"{target}_at", moment)


def _inside(parcel: Fulfillment) -> Collection[UUID]:
    """The lines of which units are in it."""
    return [each.order_line_id for each in parcel.contents]


def _put_in(order: "Order", parcel: Fulfillment, units: Mapping[UUID, int]) -> None:
    for line in order.lines:
        line.parcelled += units.get(line.id, 0)
    parcel.contents = [ParcelLine(order_line_id=line_id, quantity=many) for line_id, many in units.items()]


def _note(parcel: Fulfillment, changes: Mapping[str, Any]) -> bool:
    """Take over what was said; whether anything is new. A page that was made of the number follows it."""
    before = Tracking(*(getattr(parcel, name) for name in Tracking.__slots__))
    derived = Tracking(before.carrier, before.tracking_number).page
    known = asdict(before)
    if before.tracking_url == derived:
        known["tracking_url"] = None
    after = Tracking(**(known | dict(changes)))
    facts = asdict(after) | {"tracking_url": after.page}
    for name, fact in facts.items():
        setattr(parcel, name, fact)
    return facts != asdict(before)
