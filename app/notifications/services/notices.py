"""Who is told that a variant is low on stock, or back: once for each crossing, once for each wish."""

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.catalog.services import sellable
from app.events.services import publish
from app.identity.queries import admins_with
from app.identity.services import lock_owner
from app.inventory.queries import availability, level_of
from app.notifications.errors import InStock
from app.notifications.events import BackInStockNoticed, LowStockNoticed, TellingContinued
from app.notifications.models import StockNotice
from app.platform.db import Json, locked
from app.platform.errors import NotFound
from app.platform.ids import new_id

STEP = 200
"""How many are told in one transaction."""


def wait_for(session: Session, user_id: UUID, variant_id: UUID) -> StockNotice:
    """Have a user told when a variant that is sold out is back. Repeating changes nothing.

    Raises NotAuthenticated when the account is over meanwhile, NotFound for what is not sold, and InStock.
    Locks the account, then the stock row, so that a unit that comes at the same moment finds the wish, or is
    found.
    """
    lock_owner(session, user_id)
    stock = level_of(session, variant_id, lock=True)
    if stock is None or variant_id not in sellable(session, [variant_id]):
        raise NotFound("There is no such article on sale.")
    if available := stock.on_hand - stock.reserved:
        raise InStock("It can be had now.", available=available)
    wish = insert(StockNotice).values(
        id=new_id(), kind="back_in_stock", user_id=user_id, variant_id=variant_id
    )
    session.execute(wish.on_conflict_do_nothing())
    mine = select(StockNotice).where(*_waiting(variant_id), StockNotice.user_id == user_id)
    return session.scalars(mine).one()


def wait_no_more(session: Session, user_id: UUID, variant_id: UUID) -> None:
    """Take back the wish of `wait_for`. Raises NotFound when there is none."""
    mine = delete(StockNotice).where(*_waiting(variant_id), StockNotice.user_id == user_id)
    if session.scalars(mine.returning(StockNotice.id)).first() is None:
        raise NotFound("You do not wait for this article.")


def tell_waiting(session: Session, variant_id: UUID) -> None:
    """Owe a mail to those who wait for a variant, the first `STEP` of them, and the next step for the others.

    Nothing happens when it is sold out again: they go on waiting. Each wish is over with its mail, whatever
    is repeated. Locks the wishes, and leaves out those that somebody else is at.
    """
    if availability(session, [variant_id]).get(variant_id, 0) <= 0:
        return
    first = select(StockNotice).where(*_waiting(variant_id)).order_by(StockNotice.id).limit(STEP)
    step = session.scalars(locked(first, skip_locked=True)).all()
    for notice in step:
        notice.told_at = func.now()
        publish(session, BackInStockNoticed(notice_id=notice.id, user_id=notice.user_id))
    if len(step) == STEP:
        publish(session, TellingContinued(variant_id=variant_id))


def announce_low_stock(session: Session, variant_id: UUID, *, crossing_id: UUID) -> None:
    """Owe a mail about a variant to its seller, and to the admins who keep the catalog.

    Of one crossing there is one for each of them, whatever is repeated.
    """
    stock = level_of(session, variant_id)
    if stock is None:
        return
    for user_id in sorted({stock.seller_id, *admins_with(session, "catalog")}):
        notice_id = uuid5(crossing_id, str(user_id))
        row = insert(StockNotice).values(
            id=notice_id, kind="low_stock", user_id=user_id, variant_id=variant_id, told_at=func.now()
        )
        made = row.on_conflict_do_nothing().returning(StockNotice.id)
        if session.scalar(made) is not None:
            publish(session, LowStockNoticed(notice_id=notice_id, user_id=user_id))


def facts_of(session: Session, notice_id: UUID) -> Json | None:
    """What the mail about a notice says; None when it is so no longer: restocked, or not sold any more."""
    notice = session.get(StockNotice, notice_id)
    stock = level_of(session, notice.variant_id) if notice else None
    if notice is None or stock is None:
        return None
    offer, available = (
        sellable(session, [notice.variant_id]).get(notice.variant_id),
        stock.on_hand - stock.reserved,
    )
    over = offer is None if notice.kind == "back_in_stock" else available > stock.low_stock_threshold
    article = offer.name if offer else stock.sku
    return None if over else {"article": article, "sku": stock.sku, "available": available}


def forget_user(session: Session, user_id: UUID) -> None:
    """Delete what a user waits for, and was told. Repeating changes nothing."""
    session.execute(delete(StockNotice).where(StockNotice.user_id == user_id))


def _waiting(variant_id: UUID) -> tuple[Any, ...]:
    return StockNotice.variant_id == variant_id, StockNotice.told_at.is_(None)
