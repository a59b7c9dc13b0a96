"""Setting the stock of many variants at once, as it was counted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.events.services import publish_all
from app.inventory.events import StockAdjusted
from app.inventory.models import StockLevel, StockMovement
from app.inventory.services.crossings import AFTERWARDS, Change, announce
from app.platform import context
from app.platform.db import locked, table_of

MOST_UNITS = 1_000_000
REASON = "counted"
_LEVELS, _MOVEMENTS = table_of(StockLevel), table_of(StockMovement)


@dataclass(frozen=True, slots=True)
class Level:
    """Units of a variant; of one whose count is to change they are locked."""

    on_hand: int
    reserved: int


@dataclass(frozen=True, slots=True)
class NewLevel:
    """A new variant's place on the shelf, and what is put there."""

    variant_id: UUID
    sku: str
    seller_id: UUID
    on_hand: int


def hold_levels(session: Session, counted: Mapping[UUID, Collection[int]]) -> Mapping[UUID, Level]:
    """The stock of these variants, for which so many units were counted, once or several times.

    Locks what any count would change, by ascending id; all else is as it was a moment ago.
    """
    columns = select(_LEVELS.c.variant_id, _LEVELS.c.on_hand, _LEVELS.c.reserved)
    found = session.execute(columns.where(_LEVELS.c.variant_id.in_(counted))).all()
    to_change = [row.variant_id for row in found if set(counted[row.variant_id]) != {row.on_hand}]
    wanted = columns.where(_LEVELS.c.variant_id.in_(to_change)).order_by(_LEVELS.c.variant_id)
    held = session.execute(locked(wanted)).all() if to_change else []
    return {row.variant_id: Level(row.on_hand, row.reserved) for row in (*found, *held)}


def open_levels(session: Session, levels: Sequence[NewLevel], *, reference: str, note: str) -> None:
    """Give new variants their places on the shelf, with what was counted there; see `count_all`.

    Nobody is told that they can be had: nobody could have waited for them.
    """
    rows = [{name: getattr(level, name) for name in NewLevel.__slots__} for level in levels]
    session.execute(insert(_LEVELS), rows)
    _record(session, {level.variant_id: level.on_hand for level in levels if level.on_hand}, reference, note)


def count_all(session: Session, counted: Mapping[UUID, int], *, reference: str, note: str) -> set[UUID]:
    """Set the units of stock that `hold_levels` has locked; answers which of it is had again, or sold out.

    A `reference` can count a variant once: whoever repeats it unnoticed is refused by the database. Listings
    of what is had again or sold out are the caller's to refresh. Units that are promised must be left.
    """
    before = dict(session.execute(_on_hand(), {"variants": list(counted)}).all())
    lines = {"variants": list(counted), "units": list(counted.values())}
    changes = [
        Change(after.variant_id, counted[after.variant_id] - before[after.variant_id], *after[1:])
        for after in session.execute(_counting(), lines)
    ]
    _record(session, {change.variant_id: change.units for change in changes}, reference, note)
    announce(session, changes, listed=True)
    return {each.variant_id for each in changes if (each.available > 0) != (each.available - each.units > 0)}


def _on_hand() -> Any:
    listed = bindparam("variants", type_=ARRAY(Uuid))
    return select(_LEVELS.c.variant_id, _LEVELS.c.on_hand).where(_LEVELS.c.variant_id == func.any(listed))


def _counting() -> Any:
    counted = select(
        func.unnest(bindparam("variants", type_=ARRAY(Uuid))).label("variant_id"),
        func.unnest(bindparam("units", type_=ARRAY(Integer))).label("units"),
    ).subquery("counted")
    changed = update(_LEVELS).where(_LEVELS.c.variant_id == counted.c.variant_id)
    return changed.values(on_hand=counted.c.units).returning(*AFTERWARDS)


def _record(session: Session, changes: Mapping[UUID, int], reference: str, note: str) -> None:
    """Write the movements, and say each of them."""
    if not changes:
        return
    shared = {"reason": REASON, "reference": reference, "note": note, "actor": context.current("actor")}
    moved = [{"variant_id": variant_id, "change": units} | shared for variant_id, units in changes.items()]
    session.execute(insert(_MOVEMENTS), moved)
    facts = [StockAdjusted(variant_id, units, REASON) for variant_id, units in changes.items()]
    publish_all(session, facts)
