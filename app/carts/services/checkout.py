"""Handing a cart over to checkout, and taking out of it what was bought. The cart is locked first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import Session

from app.carts.models import Cart, CartItem
from app.carts.queries import on_sale, owned
from app.catalog.services import Sellable, offers
from app.orders import queries as orders
from app.orders.services import leave_cart
from app.platform.db import locked, table_of
from app.platform.party import Party
from app.pricing.services import coupons


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """Units that the buyer wants; `sellable` is None when the variant is off sale in the cart's currency."""

    variant_id: UUID
    quantity: int
    sellable: Sellable | None


@dataclass(frozen=True, slots=True)
class CheckoutCart:
    """A cart that stays as it is until the transaction ends."""

    cart_id: UUID
    currency: str
    updated_at: datetime
    coupon_code: str | None
    lines: tuple[CheckoutLine, ...]


def lock_for_checkout(session: Session, owner: Party) -> CheckoutCart | None:
    """The owner's cart with its lines in the order they were added, or None if there never was one.

    Locks the cart: whoever would change it, or check it out too, waits until the transaction ends.
    """
    column, value = owned(owner)
    cart = session.execute(_held_cart(column), value).one_or_none()
    if cart is None:
        return None
    items = session.execute(_items_with_offers(), {"of_cart": cart.id})
    lines = (CheckoutLine(item.variant_id, item.quantity, on_sale(item, cart.currency)) for item in items)
    return CheckoutCart(cart.id, cart.currency, cart.updated_at, cart.coupon_code, tuple(lines))


@cache
def _held_cart(column: str) -> Select[Any]:
    carts = table_of(Cart).c
    cart = select(carts.id, carts.currency, carts.updated_at, carts.coupon_code)
    return locked(cart.where(carts[column] == bindparam("owner")))


@cache
def _items_with_offers() -> Select[Any]:
    """Not locked: who changes items locks their cart first."""
    items, offered = table_of(CartItem), offers()
    wanted = select(*offered.c, items.c.variant_id, items.c.quantity)
    joined = items.outerjoin(offered, offered.c.offered_variant_id == items.c.variant_id)
    of_cart = wanted.select_from(joined).where(items.c.cart_id == bindparam("of_cart"))
    return of_cart.order_by(items.c.added_at, items.c.id)


def remove_bought(
    session: Session, order_id: UUID, quantities: Mapping[UUID, int], *, coupon_code: str | None = None
) -> None:
    """Take what an order bought (units per variant) out of the cart that its lines lie in now, if any.

    So is the coupon that it used, which is not the cart's own any more: see `leave_cart` of coupons. Units
    that were added later stay, and so does another coupon. Repeating changes nothing. Locks the cart, then
    the order.
    """
    while (cart_id := orders.cart_of_lines(session, order_id)) is not None:
        _lock(session, cart_id)
        if leave_cart(session, order_id, cart_id=cart_id):
            remove_units(session, cart_id=cart_id, quantities=quantities)
            _remove_coupon(session, order_id, cart_id, coupon_code)
            return
        # While we waited for its lock, it was merged into another, or what was bought was taken out of it.


def _lock(session: Session, cart_id: UUID) -> None:
    session.execute(locked(select(Cart.id).where(Cart.id == cart_id)))


def _remove_coupon(session: Session, order_id: UUID, cart_id: UUID, code: str | None) -> None:
    if code is not None:
        coupons.leave_cart(session, order_id)
        used = update(Cart).where(Cart.id == cart_id, Cart.coupon_code == code)
        session.execute(used.values(coupon_code=None))


def remove_units(session: Session, *, cart_id: UUID, quantities: Mapping[UUID, int]) -> None:
    """Take units per variant out of one cart, which the caller has locked."""
    ordered = _items(cart_id).where(CartItem.variant_id.in_(quantities))
    for item in session.scalars(locked(ordered)).all():
        left = item.quantity - quantities[item.variant_id]
        if left > 0:
            item.quantity = left
        else:
            session.delete(item)
    session.flush()


def _items(cart_id: UUID) -> Select[CartItem]:
    return select(CartItem).where(CartItem.cart_id == cart_id).order_by(CartItem.added_at, CartItem.id)
