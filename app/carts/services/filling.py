"""Filling a cart. Every change locks the cart first, then its items."""

from functools import cache
from uuid import UUID

from sqlalchemy import CTE, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from app.carts.errors import CartFull, LineLimitReached
from app.carts.models import CART_LIMIT, LINE_LIMIT, Cart, CartItem
from app.carts.queries import CartView, cart_of, owned, owned_by
from app.carts.services.merging import merged
from app.catalog.services import Sellable, sellable, sellable_by_sku
from app.platform.db import Json, locked, table_of
from app.platform.errors import NotFound
from app.platform.ids import new_id
from app.platform.party import Party
from app.platform.tokens import hash_of, new_token
from app.pricing.services import Rules


def welcome(session: Session, buyer: Party) -> tuple[Party, str | None]:
    """Who will own what the buyer adds, and the token to give to a guest who has no cart yet.

    A token that no cart is known by counts as none: nobody chooses their own. A user who holds a guest's
    token is `merged` first.
    """
    owner = merged(session, buyer)
    if owner.user_id is not None or session.scalar(select(Cart.id).where(owned_by(owner))) is not None:
        return owner, None
    token = new_token()
    return Party(token_hash=hash_of(token)), token


def add(
    session: Session,
    owner: Party,
    *,
    rules: Rules,
    quantity: int,
    variant_id: UUID | None = None,
    sku: str | None = None,
) -> CartView:
    """Put units of a variant, named by id or SKU, into the owner's cart, which begins with the first.

    Adding a variant again sums the units and takes today's price. No stock is reserved. Raises NotFound for
    what is not on sale in the shop's currency, LineLimitReached and CartFull.
    """
    offer = _offer(session, rules.currency, variant_id, sku)
    _put(session, owner, offer, quantity)
    cart = cart_of(session, owner, rules)
    if len(cart.items) > CART_LIMIT:
        raise CartFull(f"A cart holds {CART_LIMIT} different articles at most. Remove one first.")
    return cart


def change(session: Session, owner: Party, *, item_id: UUID, quantity: int, rules: Rules) -> CartView:
    """Set the units of an item; answers the whole cart. Raises NotFound unless it is in their cart."""
    _item(session, owner, item_id).quantity = quantity
    session.flush()
    return cart_of(session, owner, rules)


def remove(session: Session, owner: Party, *, item_id: UUID, rules: Rules) -> CartView:
    """Take an item out; answers the whole cart. Raises NotFound unless it is in their cart."""
    session.delete(_item(session, owner, item_id))
    session.flush()
    return cart_of(session, owner, rules)


def clear(session: Session, owner: Party) -> None:
    """Take everything out. The cart itself stays; repeating, or having none, changes nothing."""
    cart_id = _touch(session, owner)
    session.execute(delete(CartItem).where(CartItem.cart_id == cart_id))


def _offer(session: Session, currency: str, variant_id: UUID | None, sku: str | None) -> Sellable:
    if variant_id is not None:
        offer = sellable(session, [variant_id]).get(variant_id)
    else:
        offer = sellable_by_sku(session, sku or "")
    if offer is None or offer.currency != currency:
        raise NotFound("No article of this variant_id or sku is on sale.")
    return offer


def _put(session: Session, owner: Party, offer: Sellable, quantity: int) -> None:
    column, value = owned(owner)
    line = {
        "new_cart": new_id(),
        "cart_currency": offer.currency,
        "new_item": new_id(),
        "new_variant": offer.variant_id,
        "of_product": offer.product_id,
        "its_sku": offer.sku,
        "its_name": offer.name,
        "units": quantity,
        "its_price": offer.price_amount,
    }
    if session.scalar(_putting(column), value | line) is None:
        raise LineLimitReached(
            f"A cart holds {LINE_LIMIT} units of an article at most, and some are in it already.",
            errors={"quantity": [f"Must add up to {LINE_LIMIT} at most."]},
        )


@cache
def _putting(column: str) -> ReturningInsert[UUID]:
    """Begins the cart if it is the first time, and sums the units; no row when these are too many."""
    cart = _beginning(column)
    items = table_of(CartItem)
    line = {
        "id": bindparam("new_item", type_=items.c.id.type),
        "variant_id": bindparam("new_variant", type_=items.c.variant_id.type),
        "product_id": bindparam("of_product", type_=items.c.product_id.type),
        "sku": bindparam("its_sku", type_=items.c.sku.type),
        "name": bindparam("its_name", type_=items.c.name.type),
        "quantity": bindparam("units", type_=items.c.quantity.type),
        "unit_price_amount": bindparam("its_price", type_=items.c.unit_price_amount.type),
    }
    more = insert(items).from_select(["cart_id", *line], select(cart.c.id, *line.values()))
    total = items.c.quantity + more.excluded.quantity
    latest = {name: more.excluded[name] for name in ("sku", "name", "unit_price_amount")}
    summed = more.on_conflict_do_update(
        index_elements=["cart_id", "variant_id"],
        set_={"quantity": total, **latest},
        where=total <= LINE_LIMIT,
    )
    return summed.returning(items.c.id)


def _beginning(column: str) -> CTE:
    """The id of the owner's cart, made by the statement if it is the first; locked, so that adds queue."""
    carts = table_of(Cart)
    values: Json = {"id": bindparam("new_cart"), "currency": bindparam("cart_currency")}
    begun = insert(carts).values(values | {column: bindparam("owner")})
    held = begun.on_conflict_do_update(
        index_elements=[column], set_={"currency": begun.excluded.currency, "updated_at": func.now()}
    )
    return held.returning(carts.c.id).cte("begun")


def _item(session: Session, owner: Party, item_id: UUID) -> CartItem:
    cart_id = _touch(session, owner)
    mine = select(CartItem).where(CartItem.id == item_id, CartItem.cart_id == cart_id)
    item = session.scalars(locked(mine)).one_or_none()
    if item is None:
        raise NotFound("There is no such item in your cart.")
    return item


def _touch(session: Session, owner: Party) -> UUID | None:
    """Note that the owner uses the cart, which locks it; its id, or None if there never was one."""
    touched = update(Cart).where(owned_by(owner)).values(updated_at=func.now()).returning(Cart.id)
    return session.scalar(touched)
