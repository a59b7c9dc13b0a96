"""Moving stock: commit, release, return, adjust. Every function is safe to repeat."""

from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Update, Uuid, any_, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.events.services import publish
from app.inventory.errors import ReservationConflict, StockIsPromised
from app.inventory.events import StockAdjusted
from app.inventory.models import Reservation, StockLevel, StockMovement
from app.inventory.queries import level
from app.inventory.services.counting import MOST_UNITS
from app.inventory.services.crossings import AFTERWARDS, Change, announce
from app.inventory.services.reserving import held_by
from app.platform import context
from app.platform.db import locked, table_of
from app.platform.errors import AppError, Invalid
from app.platform.ids import new_id


def open_stock(session: Session, *, variant_id: UUID, sku: str, seller_id: UUID) -> None:
    """Give a new variant its place on the shelf, with no units. Repeating changes nothing."""
    row = upsert(StockLevel).values(variant_id=variant_id, sku=sku, seller_id=seller_id)
    session.execute(row.on_conflict_do_nothing(index_elements=["variant_id"]))


def commit(session: Session, *, holder_id: UUID) -> None:
    """Take the holder's units off the shelf: its reservation becomes a sale.

    Repeating changes nothing. Raises ReservationConflict when nothing is held, because it was released or
    never reserved. Locks the reservations, then the stock rows in id order.
    """
    units = _close(session, (holder_id,), "committed")
    if not units and not held_by(session, holder_id):
        raise ReservationConflict("Nothing is held that could be sold.")
    for variant_id in sorted(units):
        session.execute(_selling(), {"variant": variant_id, "units": units[variant_id]})
        _record(session, variant_id, -units[variant_id], "sale", str(holder_id), None)


@cache
def _selling() -> Update:
    stock, units = table_of(StockLevel), bindparam("units", type_=Integer)
    sold = update(stock).where(stock.c.variant_id == bindparam("variant"))
    return sold.values(on_hand=stock.c.on_hand - units, reserved=stock.c.reserved - units)


def release(session: Session, *, holder_id: UUID) -> None:
    """Give the holder's units back to everybody. Repeating, or releasing what was sold, changes nothing."""
    release_all(session, (holder_id,))


def release_all(session: Session, holder_ids: Collection[UUID]) -> None:
    """The same for several holders at once: the stock rows are locked in id order over all of them."""
    units = _close(session, holder_ids, "released")
    if units:
        lines = {"variants": list(units), "counts": list(units.values())}
        freed = session.execute(_freeing(), lines).all()
        announce(session, [Change(row[0], units[row[0]], *row[1:]) for row in freed])


@cache
def _freeing() -> ReturningUpdate[UUID, int, int]:
    stock = table_of(StockLevel)
    variants = bindparam("variants", type_=ARRAY(Uuid))
    # Who locks several rows does it in id order; an UPDATE by itself takes them as they come.
    of_these = select(stock.c.variant_id).where(stock.c.variant_id == any_(variants))
    held = locked(of_these.order_by(stock.c.variant_id)).cte("held")
    given = select(
        func.unnest(variants).label("variant_id"),
        func.unnest(bindparam("counts", type_=ARRAY(Integer))).label("units"),
    ).cte("given")
    of_each = stock.c.variant_id == held.c.variant_id, stock.c.variant_id == given.c.variant_id
    freed = update(stock).where(*of_each).values(reserved=stock.c.reserved - given.c.units)
    return freed.returning(*AFTERWARDS)


def _give(session: Session, variant_id: UUID, units: int, **values: ColumnElement[int]) -> Change:
    """Units become available, because `values` are set."""
    given = update(StockLevel).where(StockLevel.variant_id == variant_id).values(**values)
    row = session.execute(given.returning(*AFTERWARDS)).one()
    return Change(row.variant_id, units, row.available, row.low_stock_threshold)


def take_back(session: Session, *, holder_id: UUID, quantities: Mapping[UUID, int], reference: str) -> None:
    """Put units that were sold to this holder back on the shelf, each variant with a movement `returned`.

    `quantities` maps variant id to units (> 0). Repeating with the same `reference` changes nothing. Raises
    ReservationConflict when fewer were sold and not returned yet. Locks reservation and stock, in id order.
    """
    for variant_id in sorted(quantities):
        units = quantities[variant_id]
        if _is_recorded(session, variant_id, "returned", reference):
            continue
        back = (
            update(Reservation)
            .where(Reservation.holder_id == holder_id, Reservation.variant_id == variant_id)
            .where(Reservation.status == "committed", Reservation.quantity - Reservation.returned >= units)
            .values(returned=Reservation.returned + units)
            .returning(Reservation.id)
        )
        if session.execute(back).first() is None:
            raise ReservationConflict("More units cannot come back than were sold.")
        announce(session, [_give(session, variant_id, units, on_hand=StockLevel.on_hand + units)])
        _record(session, variant_id, units, "returned", reference, None)


def end_sale(
    session: Session, *, holder_id: UUID, restock: bool, reference: str, decided: Mapping[UUID, int]
) -> None:
    """Undo the sale to this holder, who has nothing any more. Repeating changes nothing.

    With `restock` its units go back on the shelf, see `take_back`; without it they are lost to the shop. Not
    those about which somebody has `decided` before, units by variant id: what was to be returned of them is.
    Locks reservation and stock, in id order.
    """
    sold = (Reservation.holder_id == holder_id, Reservation.status == "committed")
    units = select(Reservation.variant_id, Reservation.quantity, Reservation.returned).where(*sold)
    found = session.execute(locked(units.order_by(Reservation.variant_id)))
    left = {
        each.variant_id: each.quantity - max(each.returned, decided.get(each.variant_id, 0)) for each in found
    }
    if restock:
        out = {variant_id: count for variant_id, count in left.items() if count > 0}
        take_back(session, holder_id=holder_id, quantities=out, reference=reference)
    session.execute(update(Reservation).where(*sold).values(status="released", closed_at=func.now()))


def _is_recorded(session: Session, variant_id: UUID, reason: str, reference: str) -> bool:
    moved = select(StockMovement.id).where(
        StockMovement.variant_id == variant_id,
        StockMovement.reason == reason,
        StockMovement.reference == reference,
    )
    return session.execute(moved).first() is not None


def _close(session: Session, holder_ids: Collection[UUID], status: str) -> Mapping[UUID, int]:
    units: Counter[UUID] = Counter()
    for variant_id, quantity in session.execute(_closing(), {"holders": list(holder_ids), "ends_as": status}):
        units[variant_id] += quantity
    return units


@cache
def _closing() -> ReturningUpdate[UUID, int]:
    held = table_of(Reservation)
    active = held.c.holder_id == any_(bindparam("holders", type_=ARRAY(Uuid))), held.c.status == "active"
    closed = update(held).where(*active)
    values = {"status": bindparam("ends_as"), "closed_at": func.clock_timestamp()}
    return closed.values(values).returning(held.c.variant_id, held.c.quantity)


def adjust(
    session: Session, *, sku: str, change: int, reason: str, note: str | None, seller_id: UUID | None = None
) -> StockLevel:
    """Add `change` units (negative takes away) and write the movement; answers the level after it.

    `seller_id` limits it to one seller's SKUs. Raises NotFound, StockIsPromised when fewer units would be
    left than are reserved, and Invalid when more would lie there than MOST_UNITS. What comes back from a
    buyer may, see `take_back`: it is there.
    """
    stock = level(session, sku, seller_id)
    fits = StockLevel.on_hand + change >= StockLevel.reserved
    if change > 0:  # the sum itself could be more than the column holds
        fits = StockLevel.on_hand <= MOST_UNITS - change
    changed = (
        update(StockLevel)
        .where(StockLevel.variant_id == stock.variant_id, fits)
        .values(on_hand=StockLevel.on_hand + change)
        .returning(StockLevel)
        .execution_options(populate_existing=True)
    )
    after = session.scalars(changed).one_or_none()
    if after is None:
        session.refresh(stock)
        raise _refusal(stock, change)
    if change:
        _record(session, stock.variant_id, change, reason, str(new_id()), note)
        publish(session, StockAdjusted(variant_id=stock.variant_id, change=change, reason=reason))
        available = after.on_hand - after.reserved
        announce(session, [Change(stock.variant_id, change, available, after.low_stock_threshold)])
    return after


def _refusal(stock: StockLevel, change: int) -> AppError:
    if change > 0:
        too_many = [f"{stock.on_hand} units of {stock.sku} are there, {change} more are too many."]
        return Invalid(f"{MOST_UNITS} units of a SKU are the most.", errors={"change": too_many})
    return StockIsPromised(
        f"{stock.reserved} of {stock.on_hand} units of {stock.sku} are promised: fewer cannot be left.",
        on_hand=stock.on_hand,
        reserved=stock.reserved,
    )


def count(
    session: Session, *, sku: str, on_hand: int, note: str | None, seller_id: UUID | None = None
) -> StockLevel:
    """Set the units on the shelf to what was counted; see `adjust`."""
    # Held until the end, so that the difference is still the difference when it is written.
    stock = level(session, sku, seller_id, lock=True)
    change = on_hand - stock.on_hand
    return adjust(session, sku=sku, change=change, reason="counted", note=note, seller_id=seller_id)


def set_threshold(session: Session, *, sku: str, threshold: int, seller_id: UUID | None = None) -> StockLevel:
    """Say from how many available units on a variant counts as low on stock; announces nothing.

    Who sets it sees what is available. Raises NotFound.
    """
    stock = level(session, sku, seller_id)
    stock.low_stock_threshold = threshold
    session.flush()
    return stock


def _record(
    session: Session, variant_id: UUID, change: int, reason: str, reference: str, note: str | None
) -> None:
    moved = {
        "variant_id": variant_id,
        "change": change,
        "reason": reason,
        "reference": reference,
        "note": note,
    }
    session.execute(_MOVEMENT, moved | {"actor": context.current("actor")})


_MOVEMENT = insert(table_of(StockMovement))
