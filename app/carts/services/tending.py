"""Carts that nobody touches: their owners are reminded once, and after their lifetime they are gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from app.carts.events import CartLeft, TendingContinued
from app.carts.models import Cart, CartItem
from app.carts.queries import KEPT_FOR
from app.catalog.services import sellable
from app.events.services import publish, publish_all
from app.identity.services import consents
from app.orders import queries as orders
from app.platform.db import locked

STEP = 2_000
"""How many carts one transaction looks at."""
MOST_REMINDED = 200
"""How many of them it has reminded: the others have their turn the next time."""


@dataclass(frozen=True, slots=True)
class Tended:
    """How many carts of a step were deleted, and how many owners are to be reminded."""

    deleted: int
    reminded: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class LeftCart:
    """What somebody left in their cart that can still be bought, units by name, and until when it is kept."""

    articles: Sequence[tuple[str, int]]
    kept_until: datetime


def tend(session: Session, *, after: UUID | None, remind_after: timedelta) -> Tended:
    """Look after the carts that come `after` this id, a step of them; the first ones for None.

    Those that nobody touched for `KEPT_FOR` are deleted, but not while an order of theirs is open. A user who
    agreed to it is reminded of one left for `remind_after`, once for each time that they leave it. When there
    are more, the backroom is owed the next step. Locks these carts, and leaves out those somebody is at.
    """
    ids = select(Cart.id).order_by(Cart.id).offset(STEP - 1).limit(1)
    last = session.scalars(ids.where(Cart.id > after) if after else ids).one_or_none()
    step = [*([Cart.id > after] if after else ()), *([Cart.id <= last] if last else ())]
    deleted = _delete_old(session, step)
    reminded = _remind(session, step, remind_after)
    if last:
        publish(session, TendingContinued(after=last))
    return Tended(deleted, reminded, is_last=last is None)


def left_behind(session: Session, user_id: UUID, reminder_id: UUID) -> LeftCart | None:
    """What the user is to be reminded of; None when that is over.

    It is when they have touched the cart since, emptied or ordered it, when nothing in it is on sale any
    more, and when they have taken their consent back.
    """
    cart = session.scalars(select(Cart).where(Cart.user_id == user_id, *_to_be_told())).one_or_none()
    if cart is None or name_of(cart) != reminder_id:
        return None
    lines = select(CartItem.variant_id, CartItem.quantity).where(CartItem.cart_id == cart.id)
    items = session.execute(lines.order_by(CartItem.added_at, CartItem.id)).all()
    offers = sellable(session, [item.variant_id for item in items])
    articles = [(offers[each.variant_id].name, each.quantity) for each in items if each.variant_id in offers]
    return LeftCart(articles, cart.updated_at + KEPT_FOR) if articles else None


def name_of(cart: Cart) -> UUID:
    """The id of the reminder of a cart as it is now: once it is touched, it has another."""
    return uuid5(cart.id, cart.updated_at.astimezone(UTC).isoformat())


def _delete_old(session: Session, step: Sequence[ColumnElement[bool]]) -> int:
    old = select(Cart.id).where(*step, Cart.updated_at <= func.now() - KEPT_FOR)
    unordered = Cart.id.not_in(orders.carts_with_open_orders())
    ids = session.scalars(locked(old.where(unordered).order_by(Cart.id), skip_locked=True)).all()
    # Asked again: an order that was placed while we got the locks is seen by a new statement only.
    gone = delete(Cart).where(Cart.id.in_(ids), unordered).returning(Cart.id)
    return len(session.scalars(gone).all())


def _remind(session: Session, step: Sequence[ColumnElement[bool]], remind_after: timedelta) -> int:
    due = (
        Cart.updated_at <= func.now() - remind_after,
        or_(Cart.reminded_at.is_(None), Cart.reminded_at < Cart.updated_at),
        exists().where(CartItem.cart_id == Cart.id),
    )
    those = select(Cart).where(*step, *due, *_to_be_told()).order_by(Cart.id).limit(MOST_REMINDED)
    carts = session.scalars(locked(those, skip_locked=True)).all()
    reminded = update(Cart).where(Cart.id.in_([cart.id for cart in carts]))
    session.execute(reminded.values(reminded_at=func.now()))
    publish_all(session, [CartLeft(reminder_id=name_of(cart), user_id=cart.user_id) for cart in carts])
    return len(carts)


def _to_be_told() -> tuple[ColumnElement[bool], ...]:
    """That a cart's owner agreed to be reminded, and has ordered nothing since it was touched last."""
    return Cart.user_id.in_(consents.remindable_users()), ~orders.ordered_since(Cart.user_id, Cart.updated_at)
