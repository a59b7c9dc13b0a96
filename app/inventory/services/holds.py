"""Stock for other channels, a point of sale: what they hold is known by their own reference."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.events.services import publish, publish_all
from app.inventory.errors import ReservationConflict
from app.inventory.events import HoldCommitted, HoldPlaced, HoldReleased
from app.inventory.models import StockHold
from app.inventory.queries import lock_due_holds, lock_hold, variants
from app.inventory.services import stock
from app.inventory.services.reserving import reserve as reserve_stock
from app.platform.db import now
from app.platform.errors import NotFound
from app.platform.ids import new_id


def reserve(
    session: Session,
    *,
    client_id: UUID,
    seller_id: UUID | None,
    reference: str,
    units: Mapping[str, int],
    lifetime: timedelta,
) -> StockHold:
    """Hold units (> 0) by SKU for `lifetime`, all or none; with a `seller_id` only this seller's.

    The same again answers the hold as it is, sold or not. Raises NotFound for an unknown SKU, OutOfStock, and
    ReservationConflict for other units under a reference that is used, or for a hold that is over. Locks the
    hold, then the stock rows until the transaction ends.
    """
    items = [{"sku": sku, "quantity": units[sku]} for sku in sorted(units)]
    row = upsert(StockHold).values(
        id=new_id(),
        client_id=client_id,
        reference=reference,
        items=items,
        hold_until=func.now() + lifetime,
    )
    new = row.on_conflict_do_nothing(constraint="uq_stock_holds_client_id_reference").returning(StockHold)
    hold = session.scalars(new).one_or_none()
    if hold is None:
        return _same(lock_hold(session, client_id, reference), items)
    publish(session, HoldPlaced(hold_id=hold.id, client_id=client_id))
    reserve_stock(session, holder_id=hold.id, quantities=_by_variant(session, units, seller_id))
    return hold


def commit(session: Session, *, client_id: UUID, reference: str) -> StockHold:
    """Take what is held off the shelf: it is sold. Repeating changes nothing.

    A hold that is over but not yet released still is sold. Raises NotFound, and ReservationConflict for one
    that was released. Locks the hold, then the stock rows.
    """
    hold = lock_hold(session, client_id, reference)
    if hold.status == "active":
        _close(hold, "committed", now(session))
        publish(session, HoldCommitted(hold_id=hold.id))
        stock.commit(session, holder_id=hold.id)
    elif hold.status != "committed":
        raise _over(hold)
    return hold


def release(session: Session, *, client_id: UUID, reference: str) -> StockHold:
    """Give back what is held. Repeating changes nothing, nor does it for a hold that has expired.

    Raises NotFound, and ReservationConflict for what was sold. Locks the hold, then the stock rows.
    """
    hold = lock_hold(session, client_id, reference)
    if hold.status == "committed":
        raise ReservationConflict("What was reserved is sold already.", hold_status=hold.status)
    if hold.status == "active":
        _close(hold, "released", now(session))
        publish(session, HoldReleased(hold_id=hold.id, expired=False))
        stock.release(session, holder_id=hold.id)
    return hold


def expire_due(session: Session, *, limit: int = 200) -> int:
    """Give back what is held for too long; the answer is how many holds. Safe to run in parallel.

    Locks the holds, then the stock rows in id order over all of them.
    """
    due, moment = lock_due_holds(session, limit=limit), now(session)
    for hold in due:
        _close(hold, "expired", moment)
    publish_all(session, [HoldReleased(hold_id=hold.id, expired=True) for hold in due])
    stock.release_all(session, [hold.id for hold in due])
    return len(due)


def _by_variant(session: Session, units: Mapping[str, int], seller_id: UUID | None) -> dict[UUID, int]:
    known = variants(session, units, seller_id)
    if missing := sorted(units.keys() - known.keys()):
        raise NotFound(f"There is no stock of a variant with the SKU {missing[0]}.")
    return {known[sku]: quantity for sku, quantity in units.items()}


def _same(hold: StockHold, items: list[dict[str, object]]) -> StockHold:
    if hold.items != items:
        raise ReservationConflict("Other units were reserved under this reference.", hold_status=hold.status)
    if hold.status not in {"active", "committed"}:
        raise _over(hold)
    return hold


def _over(hold: StockHold) -> ReservationConflict:
    return ReservationConflict(
        "What was reserved is released. Reserve anew, under another reference.", hold_status=hold.status
    )


def _close(hold: StockHold, status: str, moment: datetime) -> None:
    hold.status, hold.closed_at = status, moment
