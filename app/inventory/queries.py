"""Reading stock."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Subquery, func, select
from sqlalchemy.orm import Session

from app.inventory.models import Reservation, StockHold, StockLevel, StockMovement
from app.platform.db import locked, table_of
from app.platform.errors import NotFound
from app.platform.pagination import Page, paged


def stock_scope(variant_id: UUID | str) -> str:
    """What a finished answer that shows the available units of a variant is made of."""
    return f"stock:{variant_id}"


def available_units() -> Subquery:
    """Columns `variant_id` and `available` of every stocked variant, for lists to join."""
    stock = table_of(StockLevel).c
    available = (stock.on_hand - stock.reserved).label("available")
    return select(stock.variant_id, available).subquery("available_units")


def counted_units() -> Subquery:
    """Columns `variant_id` and `on_hand` of every stocked variant, for lists to join."""
    return select(StockLevel.variant_id, StockLevel.on_hand).subquery("counted_units")


def availability(session: Session, variant_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Units that can still be promised, per variant; one that was never stocked is left out."""
    units = StockLevel.on_hand - StockLevel.reserved
    statement = select(StockLevel.variant_id, units).where(StockLevel.variant_id.in_(variant_ids))
    return dict(session.execute(statement).all())


def levels(
    session: Session, *, seller_id: UUID | None, low: bool, after: str | None, limit: int
) -> Page[StockLevel]:
    """Stock by SKU: one seller's or all, only what is at or below its threshold if `low`."""
    statement = _of(seller_id).where(StockLevel.sku > (after or "")).order_by(StockLevel.sku).limit(limit + 1)
    if low:
        statement = statement.where(
            StockLevel.on_hand - StockLevel.reserved <= StockLevel.low_stock_threshold
        )
    return paged(session.scalars(statement).all(), limit, lambda level: [level.sku])


def level(session: Session, sku: str, seller_id: UUID | None, *, lock: bool = False) -> StockLevel:
    """The stock of one SKU, if it is this seller's; anybody's when `seller_id` is None. Locked on demand.

    Raises NotFound.
    """
    statement = _of(seller_id).where(StockLevel.sku == sku)
    found: StockLevel | None = session.scalars(locked(statement) if lock else statement).one_or_none()
    if found is None:
        raise NotFound(f"There is no stock of a variant with the SKU {sku}.")
    return found


def level_of(session: Session, variant_id: UUID, *, lock: bool = False) -> StockLevel | None:
    """The stock of a variant, if it was ever stocked. Locked on demand."""
    statement = select(StockLevel).where(StockLevel.variant_id == variant_id)
    return session.scalars(locked(statement) if lock else statement).one_or_none()


def levels_of(session: Session, variant_ids: Iterable[UUID]) -> Mapping[UUID, StockLevel]:
    """The stock of these variants; one that was never stocked is left out."""
    statement = select(StockLevel).where(StockLevel.variant_id.in_(variant_ids))
    return {each.variant_id: each for each in session.scalars(statement)}


def lock_levels(session: Session, skus: Sequence[str], seller_id: UUID | None) -> None:
    """Lock the stock of several SKUs by ascending variant id, as buyers do: they queue, none deadlocks."""
    statement = _of(seller_id).where(StockLevel.sku.in_(skus)).order_by(StockLevel.variant_id)
    session.scalars(locked(statement)).all()


def variants(session: Session, skus: Iterable[str], seller_id: UUID | None) -> dict[str, UUID]:
    """Variant ids by SKU, of one seller's or of all; a SKU that there is no stock of is left out."""
    found = session.scalars(_of(seller_id).where(StockLevel.sku.in_(skus)))
    return {stock.sku: stock.variant_id for stock in found}


def lock_hold(session: Session, client_id: UUID, reference: str) -> StockHold:
    """The hold that a third party gave this reference, locked. Raises NotFound, for another's as for none."""
    own = select(StockHold).where(StockHold.client_id == client_id, StockHold.reference == reference)
    hold = session.scalars(locked(own)).one_or_none()
    if hold is None:
        raise NotFound("Nothing was reserved under this reference.")
    return hold


def lock_due_holds(session: Session, *, limit: int) -> Sequence[StockHold]:
    """Holds that are over, the oldest first; those that somebody is at work on are left to them."""
    due = select(StockHold).where(StockHold.status == "active", StockHold.hold_until <= func.now())
    return session.scalars(locked(due.order_by(StockHold.hold_until).limit(limit), skip_locked=True)).all()


def movements(session: Session, variant_id: UUID, *, before: int | None, limit: int) -> Page[StockMovement]:
    """The changes of a variant's stock, newest first."""
    statement = select(StockMovement).where(StockMovement.variant_id == variant_id)
    if before is not None:
        statement = statement.where(StockMovement.id < before)
    rows: Sequence[StockMovement] = session.scalars(
        statement.order_by(StockMovement.id.desc()).limit(limit + 1)
    ).all()
    return paged(rows, limit, lambda movement: [movement.id])


def _of(seller_id: UUID | None) -> Select[Any]:
    statement = select(StockLevel)
    return statement if seller_id is None else statement.where(StockLevel.seller_id == seller_id)


def returnable(session: Session, holder_id: UUID) -> Mapping[UUID, int]:
    """Units per variant that were sold to this holder and are not back on the shelf."""
    out = func.sum(Reservation.quantity - Reservation.returned)
    sold = select(Reservation.variant_id, out).group_by(Reservation.variant_id)
    of_holder = sold.where(Reservation.holder_id == holder_id, Reservation.status == "committed")
    return {variant_id: int(units) for variant_id, units in session.execute(of_holder)}
