"""Reading parcels and returns."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from app.fulfillment.models import Fulfillment, Return, ReturnLine
from app.fulfillment.states import HERE, OPEN
from app.orders import queries as orders
from app.orders.queries import NOT_FOR_SELLERS
from app.payments import queries as payments
from app.platform.db import Json
from app.platform.errors import NotFound
from app.platform.pagination import Page, paged

if TYPE_CHECKING:  # for hints; the models stay private to their package
    from app.orders.models import Order, OrderLine
    from app.payments.models import Refund


@dataclass(frozen=True, slots=True)
class Content:
    """Units of an order's line that are in a parcel, or are to be packed."""

    line: "OrderLine"
    quantity: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel with its order, as who sends it sees it."""

    row: Fulfillment
    order: "Order"

    @property
    def lines(self) -> Sequence[Content]:
        """What is in it; of one that is open, what its seller still has to pack."""
        inside = {each.order_line_id: each.quantity for each in self.row.contents}
        if self.row.status in OPEN:
            inside = {line.id: line.unpacked for line in self.order.lines if self._is_sellers(line)}
        return [Content(line, inside[line.id]) for line in self.order.lines if inside.get(line.id)]

    @property
    def shipping_address(self) -> Json | None:
        """Where to send it; None when it has left, or never will."""
        if self.row.status not in HERE:
            return None
        address = self.order.shipping_address
        return {name: part for name, part in address.items() if name not in NOT_FOR_SELLERS}

    @property
    def gift_message(self) -> str | None:
        """What goes in with it, as long as the address is there."""
        return self.order.gift_message if self.row.status in HERE else None

    def _is_sellers(self, line: "OrderLine") -> bool:
        return line.seller_id == self.row.seller_id


def parcels(
    session: Session, *, seller_id: UUID | None, status: str | None, before: UUID | None, limit: int
) -> Page[Parcel]:
    """Parcels of one seller or of all, of one status or of all; those that were made last come first."""
    statement = _loaded().order_by(Fulfillment.id.desc()).limit(limit + 1)
    if seller_id is not None:
        statement = statement.where(Fulfillment.seller_id == seller_id)
    if status is not None:
        statement = statement.where(Fulfillment.status == status)
    if before is not None:
        statement = statement.where(Fulfillment.id < before)
    return paged(_with_orders(session, session.scalars(statement).all()), limit, lambda each: [each.row.id])


def parcel(session: Session, parcel_id: UUID, *, seller_id: UUID | None) -> Parcel:
    """One parcel. Raises NotFound, also for another seller's; `seller_id` None may see all."""
    row = session.scalars(_loaded().where(Fulfillment.id == parcel_id)).one_or_none()
    if row is None or seller_id not in (None, row.seller_id):
        raise NotFound("There is no such parcel.")
    return _with_orders(session, [row])[0]


def of_order(session: Session, order: "Order") -> Sequence[Parcel]:
    """All parcels of an order, each seller's in the order of their numbers."""
    statement = _loaded().where(Fulfillment.order_id == order.id)
    rows = session.scalars(statement.order_by(Fulfillment.seller_id, Fulfillment.parcel)).all()
    return [Parcel(row, order) for row in rows]


def senders(session: Session, parcel_ids: Collection[UUID]) -> Mapping[UUID, UUID]:
    """Which seller sends each of these parcels."""
    told = select(Fulfillment.id, Fulfillment.seller_id).where(Fulfillment.id.in_(parcel_ids))
    return dict(session.execute(told).all())


def _loaded() -> Select[Fulfillment]:
    return select(Fulfillment).options(selectinload(Fulfillment.contents))


def _with_orders(session: Session, rows: Sequence[Fulfillment]) -> list[Parcel]:
    found = orders.with_ids(session, {row.order_id for row in rows})
    return [Parcel(row, found[row.order_id]) for row in rows]


@dataclass(frozen=True, slots=True)
class ReturnedUnits:
    """Units of an order's line that are to come back, or have."""

    line: "OrderLine"
    row: ReturnLine


@dataclass(frozen=True, slots=True)
class ReturnCase:
    """A return with its order, and the refund that pays for what was received, if any has not failed."""

    row: Return
    order: "Order"
    refund: "Refund | None"

    @property
    def lines(self) -> Sequence[ReturnedUnits]:
        """Its units, in the order in which they were bought."""
        units = {each.order_line_id: each for each in self.row.lines}
        return [ReturnedUnits(line, units[line.id]) for line in self.order.lines if line.id in units]


def returns(
    session: Session, *, seller_id: UUID | None, status: str | None, before: UUID | None, limit: int
) -> Page[ReturnCase]:
    """Returns of one seller or of all, of one status or of all; those that were asked for last come first."""
    statement = select(Return).order_by(Return.id.desc()).limit(limit + 1)
    if seller_id is not None:
        statement = statement.where(Return.seller_id == seller_id)
    if status is not None:
        statement = statement.where(Return.status == status)
    if before is not None:
        statement = statement.where(Return.id < before)
    rows = session.scalars(statement).all()
    found = orders.with_ids(session, {row.order_id for row in rows})
    return paged(return_cases(session, rows, found), limit, lambda each: [each.row.id])


def return_case(session: Session, return_id: UUID, *, seller_id: UUID | None) -> ReturnCase:
    """One return. Raises NotFound, also for another seller's; `seller_id` None may see all."""
    row = session.get(Return, return_id)
    if row is None or seller_id not in (None, row.seller_id):
        raise NotFound("There is no such return.")
    return return_cases(session, [row], {row.order_id: orders.get(session, row.order_id)})[0]


def returns_of_order(session: Session, order: "Order") -> Sequence[ReturnCase]:
    """All returns of an order, those that were asked for first come first."""
    rows = session.scalars(select(Return).where(Return.order_id == order.id).order_by(Return.id)).all()
    return return_cases(session, rows, {order.id: order})


def return_cases(
    session: Session, rows: Collection[Return], found: Mapping[UUID, "Order"]
) -> Sequence[ReturnCase]:
    """These returns with their orders, of which `found` has each, and the last tries of their refunds."""
    tries = payments.standing_tries(session, {row.refund_id for row in rows if row.refund_id})
    return [
        ReturnCase(row, found[row.order_id], tries.get(row.refund_id) if row.refund_id else None)
        for row in rows
    ]
