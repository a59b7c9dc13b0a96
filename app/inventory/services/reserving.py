"""Holding stock for somebody: all lines or none, and never more than there is."""

from collections.abc import Mapping
from functools import cache
from uuid import UUID

from sqlalchemy import Integer, Select, Uuid, all_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.inventory.errors import OutOfStock, ReservationConflict
from app.inventory.models import Reservation, StockLevel
from app.inventory.services.crossings import AFTERWARDS, Change, announce
from app.platform.db import table_of
from app.platform.ids import new_id


def reserve(session: Session, *, holder_id: UUID, quantities: Mapping[UUID, int]) -> None:
    """Hold stock for every line of a holder, or for none.

    `quantities` maps variant id to units (> 0), summed per variant. Repeating with the same quantities
    changes nothing. Raises OutOfStock with the shortage per variant, ReservationConflict when the holder
    holds other quantities: roll back then. Call it last: it locks the stock rows until the transaction ends.
    """
    new = _note(session, holder_id, quantities)
    # In id order, so that two holders sharing variants queue instead of deadlocking.
    taken = {variant_id: _take(session, variant_id, quantities[variant_id]) for variant_id in sorted(new)}
    short = [variant_id for variant_id, change in taken.items() if change is None]
    if short:
        raise OutOfStock(
            "Some items are not available in the quantity asked for. Take less of them, or leave them out.",
            shortage=_shortage(session, short, quantities),
        )
    announce(session, filter(None, taken.values()))


def _note(session: Session, holder_id: UUID, quantities: Mapping[UUID, int]) -> set[UUID]:
    wanted = sorted(quantities)
    lines = {"variants": wanted, "units": [quantities[each] for each in wanted]}
    ids = {"holder": holder_id, "new_ids": [new_id() for _ in wanted]}
    found = session.execute(_noting(), ids | lines).all()
    new = {variant_id for variant_id, _ in found}
    same = not any(holds_more for _, holds_more in found) and len(new) == len(quantities)
    if not same and (new or held_by(session, holder_id) != dict(quantities)):
        raise ReservationConflict("The holder holds something already, in other quantities.")
    return new


@cache
def _noting() -> Select[UUID, bool]:
    """The variants that are newly held, and whether the holder holds others as well."""
    held, variants = table_of(Reservation), bindparam("variants", type_=ARRAY(Uuid))
    lines = select(
        func.unnest(bindparam("new_ids", type_=ARRAY(Uuid))),
        bindparam("holder", type_=Uuid),
        func.unnest(variants),
        func.unnest(bindparam("units", type_=ARRAY(Integer))),
    )
    written = upsert(held).from_select(["id", "holder_id", "variant_id", "quantity"], lines)
    noted = written.on_conflict_do_nothing().returning(held.c.variant_id).cte("noted")
    return select(noted.c.variant_id, _live().where(held.c.variant_id != all_(variants)).exists())


def held_by(session: Session, holder_id: UUID) -> dict[UUID, int]:
    """Units per variant that a holder holds, or has bought."""
    return dict(session.execute(_live(), {"holder": holder_id}).all())


@cache
def _live() -> Select[UUID, int]:
    held = table_of(Reservation).c
    of_holder = select(held.variant_id, held.quantity).where(held.holder_id == bindparam("holder"))
    return of_holder.where(held.status != "released")


def _take(session: Session, variant_id: UUID, units: int) -> Change | None:
    """The lock, the check and the change in one statement; the database's CHECK stands behind it."""
    row = session.execute(_taking(), {"variant": variant_id, "units": units}).first()
    return None if row is None else Change(row.variant_id, -units, row.available, row.low_stock_threshold)


@cache
def _taking() -> ReturningUpdate[UUID, int, int]:
    stock, units = table_of(StockLevel), bindparam("units", type_=Integer)
    enough = stock.c.on_hand - stock.c.reserved >= units
    taken = update(stock).where(stock.c.variant_id == bindparam("variant"), enough)
    return taken.values(reserved=stock.c.reserved + units).returning(*AFTERWARDS)


def _shortage(session: Session, short: list[UUID], quantities: Mapping[UUID, int]) -> list[dict[str, object]]:
    units = StockLevel.on_hand - StockLevel.reserved
    left = session.execute(
        select(StockLevel.variant_id, StockLevel.sku, units)
        .where(StockLevel.variant_id.in_(short))
        .order_by(StockLevel.sku)
    )
    return [
        {"variant_id": str(each), "sku": sku, "requested": quantities[each], "available": available}
        for each, sku, available in left
    ]
