"""Filling a cart, and handing it over to checkout. Every change locks the cart first, then its items."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CTE, Select, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.carts.errors import CartFull, LineLimitReached
from app.carts.models import CART_LIMIT, LINE_LIMIT, Cart, CartItem
from app.carts.queries import CartView, cart_of, on_sale
from app.catalog.services import Sellable, sellable, sellable_by_sku
from app.platform.db import locked
from app.platform.errors import NotFound
from app.platform.ids import new_id
from app.pricing.services import Rules


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
    lines: tuple[CheckoutLine, ...]


def add(
    session: Session,
    user_id: UUID,
    *,
    rules: Rules,
    quantity: int,
    variant_id: UUID | None = None,
    sku: str | None = None,
) -> CartView:
    """Put units of a variant, named by id or SKU, into the user's cart, which begins with the first.

    Adding a variant again sums the units and takes today's price. No stock is reserved. Raises NotFound for
    what is not on sale in the shop's currency, LineLimitReached and CartFull.
    """
    offer = _offer(session, rules.currency, variant_id, sku)
    _put(session, user_id, offer, quantity)
    cart = cart_of(session, user_id, rules)
    if len(cart.items) > CART_LIMIT:
        raise CartFull(f"A cart holds {CART_LIMIT} different articles at most. Remove one first.")
    return cart


def change(session: Session, user_id: UUID, *, item_id: UUID, quantity: int, rules: Rules) -> CartView:
    """Set the units of an item; answers the whole cart. Raises NotFound unless it is in the user's cart."""
    _item(session, user_id, item_id).quantity = quantity
    session.flush()
    return cart_of(session, user_id, rules)


def remove(session: Session, user_id: UUID, *, item_id: UUID, rules: Rules) -> CartView:
    """Take an item out; answers the whole cart. Raises NotFound unless it is in the user's cart."""
    session.delete(_item(session, user_id, item_id))
    session.flush()
    return cart_of(session, user_id, rules)


def clear(session: Session, user_id: UUID) -> None:
    """Take everything out. The cart itself stays; repeating, or having none, changes nothing."""
    cart_id = _touch(session, user_id)
    session.execute(delete(CartItem).where(CartItem.cart_id == cart_id))


def lock_for_checkout(session: Session, user_id: UUID) -> CheckoutCart | None:
    """The user's cart with its lines in the order they were added, or None if there never was one.

    Locks the cart: whoever would change it, or check it out too, waits until the transaction ends.
    """
    cart = session.scalars(locked(select(Cart).where(Cart.user_id == user_id))).one_or_none()
    if cart is None:
        return None
    items = session.scalars(locked(_items(cart.id))).all()
    offers = on_sale(session, items, cart.currency)
    lines = (CheckoutLine(item.variant_id, item.quantity, offers.get(item.variant_id)) for item in items)
    return CheckoutCart(cart.id, cart.currency, cart.updated_at, tuple(lines))


def remove_ordered(session: Session, *, cart_id: UUID, quantities: Mapping[UUID, int]) -> None:
    """Take what was ordered (units per variant) out of a cart; units that were added later stay.

    Repeating takes them again: the caller does it once per order. A cart that is gone is fine.
    """
    if session.execute(locked(select(Cart.id).where(Cart.id == cart_id))).first() is None:
        return
    ordered = _items(cart_id).where(CartItem.variant_id.in_(quantities))
    for item in session.scalars(locked(ordered)).all():
        left = item.quantity - quantities[item.variant_id]
        if left > 0:
            item.quantity = left
        else:
            session.delete(item)
    session.flush()


def _offer(session: Session, currency: str, variant_id: UUID | None, sku: str | None) -> Sellable:
    if variant_id is not None:
        offer = sellable(session, [variant_id]).get(variant_id)
    else:
        offer = sellable_by_sku(session, sku or "")
    if offer is None or offer.currency != currency:
        raise NotFound("No article of this variant_id or sku is on sale.")
    return offer


def _put(session: Session, user_id: UUID, offer: Sellable, quantity: int) -> None:
    cart = _begun(user_id, offer.currency)
    line = {
        "id": new_id(),  # given here, as is the cart's: defaults are not for two inserts in one statement
        "variant_id": offer.variant_id,
        "product_id": offer.product_id,
        "sku": offer.sku,
        "name": offer.name,
        "quantity": quantity,
        "unit_price_amount": offer.price_amount,
    }
    wanted = select(cart.c.id, *map(literal, line.values()))
    more = insert(CartItem).from_select(["cart_id", *line], wanted)
    total = CartItem.quantity + more.excluded.quantity
    latest = {name: more.excluded[name] for name in ("sku", "name", "unit_price_amount")}
    summed = more.on_conflict_do_update(
        index_elements=["cart_id", "variant_id"],
        set_={"quantity": total, **latest},
        where=total <= LINE_LIMIT,
    )
    if session.scalar(summed.returning(CartItem.id)) is None:
        raise LineLimitReached(
            f"A cart holds {LINE_LIMIT} units of an article at most, and some are in it already.",
            errors={"quantity": [f"Must add up to {LINE_LIMIT} at most."]},
        )


def _begun(user_id: UUID, currency: str) -> CTE:
    """The id of the user's cart, made by the statement if it is the first; locked, so that adds queue."""
    begun = insert(Cart).values(id=new_id(), user_id=user_id, currency=currency)
    held = begun.on_conflict_do_update(
        index_elements=["user_id"], set_={"currency": currency, "updated_at": func.now()}
    )
    return held.returning(Cart.id).cte("begun")


def _item(session: Session, user_id: UUID, item_id: UUID) -> CartItem:
    cart_id = _touch(session, user_id)
    mine = select(CartItem).where(CartItem.id == item_id, CartItem.cart_id == cart_id)
    item = session.scalars(locked(mine)).one_or_none()
    if item is None:
        raise NotFound("There is no such item in your cart.")
    return item


def _touch(session: Session, user_id: UUID) -> UUID | None:
    """Note that the owner uses the cart, which locks it; its id, or None if there never was one."""
    touched = update(Cart).where(Cart.user_id == user_id).values(updated_at=func.now()).returning(Cart.id)
    return session.scalar(touched)


def _items(cart_id: UUID) -> Select[CartItem]:
    return select(CartItem).where(CartItem.cart_id == cart_id).order_by(CartItem.added_at, CartItem.id)
