"""Holding stock for somebody: all lines or none, and never more than there is."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BindParameter,
    Integer,
    Row,
    Select,
    Uuid,
    all_,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.inventory.errors import OutOfStock, ReservationConflict
from app.inventory.models import Reservation, StockLevel
from app.inventory.services.crossings import AFTERWARDS, Change, announce
from app.platform.db import locked, table_of
from app.platform.ids import new_id


def reserve(session: Session, *, holder_id: UUID, quantities: Mapping[UUID, int]) -> None:
    """Hold stock for every line of a holder, or for none.

    `quantities` maps variant id to units (> 0), summed per variant. Repeating with the same quantities
    changes nothing. Raises OutOfStock with the shortage per variant, ReservationConflict when the holder
    holds other quantities: roll back then. Call it last: it locks the stock rows until the transaction ends.
    """
    rows = _hold(session, holder_id, quantities)
    short = [row.variant_id for row in rows if row.available is None]
    if short:
        raise OutOfStock(
            "Some items are not available in the quantity asked for. Take less of them, or leave them out.",
            shortage=_shortage(session, short, quantities),
        )
    units = ((row, quantities[row.variant_id]) for row in rows)
    announce(
        session, [Change(row.variant_id, -n, row.available, row.low_stock_threshold) for row, n in units]
    )


def _hold(session: Session, holder_id: UUID, quantities: Mapping[UUID, int]) -> Sequence[Row[Any]]:
    """A row for each variant that is newly held; `available` is None where there was too little."""
    wanted = sorted(quantities)
    lines = {"variants": wanted, "units": [quantities[each] for each in wanted]}
    ids = {"holder": holder_id, "new_ids": [new_id() for _ in wanted]}
    rows = session.execute(_holding(), ids | lines).all()
    same = not any(row.holds_more for row in rows) and len(rows) == len(quantities)
    if not same and (rows or held_by(session, holder_id) != dict(quantities)):
        raise ReservationConflict("The holder holds something already, in other quantities.")
    return rows


@cache
def _holding() -> Select[Any]:
    """Notes what the holder has not got yet, and takes that from the shelf: one statement for all lines."""
    held, variants = table_of(Reservation), bindparam("variants", type_=ARRAY(Uuid))
    noted = _noting(variants)
    taken = _taking(noted)
    holds_more = _live().where(held.c.variant_id != all_(variants)).exists().label("holds_more")
    facts = (noted.c.variant_id, taken.c.available, taken.c.low_stock_threshold, holds_more)
    return select(*facts).select_from(noted.outerjoin(taken, taken.c.variant_id == noted.c.variant_id))


def _noting(variants: BindParameter[Any]) -> CTE:
    held = table_of(Reservation)
    lines = select(
        func.unnest(bindparam("new_ids", type_=ARRAY(Uuid))),
        bindparam("holder", type_=Uuid),
        func.unnest(variants),
        func.unnest(bindparam("units", type_=ARRAY(Integer))),
    )
    written = upsert(held).from_select(["id", "holder_id", "variant_id", "quantity"], lines)
    return written.on_conflict_do_nothing().returning(held.c.variant_id, held.c.quantity).cte("noted")


def _taking(noted: CTE) -> CTE:
    """Checks and changes the stock of what was noted; the database's CHECK stands behind it."""
    stock = table_of(StockLevel)
    rows = select(stock.c.variant_id, noted.c.quantity).join(noted, noted.c.variant_id == stock.c.variant_id)
    # Locked in id order before, so that two holders sharing variants queue instead of deadlocking.
    queued = locked(rows.order_by(stock.c.variant_id)).cte("queued")
    enough = stock.c.on_hand - stock.c.reserved >= queued.c.quantity
    taken = update(stock).where(stock.c.variant_id == queued.c.variant_id, enough)
    more = taken.values(reserved=stock.c.reserved + queued.c.quantity)
    return more.returning(*AFTERWARDS).cte("taken")


def held_by(session: Session, holder_id: UUID) -> dict[UUID, int]:
    """Units per variant that a holder holds, or has bought."""
    return dict(session.execute(_live(), {"holder": holder_id}).all())


@cache
def _live() -> Select[UUID, int]:
    held = table_of(Reservation).c
    of_holder = select(held.variant_id, held.quantity).where(held.holder_id == bindparam("holder"))
    return of_holder.where(held.status != "released")


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
