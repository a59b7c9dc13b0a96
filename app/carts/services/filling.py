"""Filling a cart. Every change locks the cart first, then its items."""

from dataclasses import dataclass
from functools import cache
from uuid import UUID

from sqlalchemy import CTE, Text, any_, bindparam, case, cast, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from app.carts.errors import CartFull, CartInOtherCurrency, LineLimitReached, NoPriceInCurrency
from app.carts.models import CART_LIMIT, LINE_LIMIT, Cart, CartItem
from app.carts.queries import CartView, cart_of, owned, owned_by
from app.carts.services.merging import merged
from app.catalog.services import Sellable, sellable, sellable_by_sku
from app.platform.db import Json, locked, table_of
from app.platform.errors import AppError, NotFound
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
    currency: str | None = None,
) -> CartView:
    """Put units of a variant, named by id or SKU, into the owner's cart, which begins with the first.

    Adding a variant again sums the units and takes today's price. No stock is reserved. The cart begins in
    the `currency` that is asked for, else in the shop's own. Raises NotFound for what is not on sale,
    CurrencyNotSold, NoPriceInCurrency, CartInOtherCurrency for another than the one asked for,
    LineLimitReached and CartFull.
    """
    if currency is not None:
        rules.check_sold_in(currency)
    offer = _offer(session, variant_id, sku)
    put(session, owner, offer, quantity, Wanted(currency or rules.currency, rules, is_strict=bool(currency)))
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
    """Take everything out, a coupon too. The cart stays; repeating, or having none, changes nothing."""
    cart_id = touch(session, owner, coupon_code=None)
    session.execute(delete(CartItem).where(CartItem.cart_id == cart_id))


def _offer(session: Session, variant_id: UUID | None, sku: str | None) -> Sellable:
    if variant_id is not None:
        offer = sellable(session, [variant_id]).get(variant_id)
    else:
        offer = sellable_by_sku(session, sku or "")
    if offer is None:
        raise NotFound("No article of this variant_id or sku is on sale.")
    return offer


@dataclass(frozen=True, slots=True)
class Wanted:
    """The currency that a cart begins in; with `is_strict` one that there is must be in it, too.

    It is kept as long as the shop that has these rules sells in it.
    """

    currency: str
    rules: Rules
    is_strict: bool = False


def put(session: Session, owner: Party, offer: Sellable, quantity: int, wanted: Wanted) -> None:
    """Sum the units of an offer into the owner's cart, at its price in the cart's currency.

    Raises NoPriceInCurrency, CartInOtherCurrency and LineLimitReached: then there are no more units in it.
    """
    column, value = owned(owner)
    line = {
        "new_cart": new_id(),
        "cart_currency": wanted.currency,
        "sold_in": list(wanted.rules.currencies),
        "only_in": wanted.currency if wanted.is_strict else None,
        "new_item": new_id(),
        "new_variant": offer.variant_id,
        "of_product": offer.product_id,
        "its_sku": offer.sku,
        "its_name": offer.name,
        "units": quantity,
        "its_prices": dict(offer.prices),
    }
    if session.scalar(_putting(column), value | line) is None:
        raise _refusal(session, owner, offer, wanted)


def _refusal(session: Session, owner: Party, offer: Sellable, wanted: Wanted) -> AppError:
    """Why nothing was put into the cart, which there is by now."""
    currency = session.scalars(select(Cart.currency).where(owned_by(owner))).one()
    if wanted.is_strict and currency != wanted.currency:
        return CartInOtherCurrency(
            f"The cart is in {currency}: change its currency first, or ask for none.", currency=currency
        )
    if currency not in offer.prices:
        return NoPriceInCurrency(f"This article is not sold in {currency}, the currency of the cart.")
    return LineLimitReached(
        f"A cart holds {LINE_LIMIT} units of an article at most, and some are in it already.",
        errors={"quantity": [f"Must add up to {LINE_LIMIT} at most."]},
    )


@cache
def _putting(column: str) -> ReturningInsert[UUID]:
    """Begins the cart if it is the first time, and sums the units.

    No row when these are too many, and when there is no price in its currency, or that is not the only one
    that is wanted.
    """
    cart = _beginning(column)
    items = table_of(CartItem)
    prices = bindparam("its_prices", type_=JSONB)
    price = cast(prices.op("->>")(cart.c.currency), items.c.unit_price_amount.type)
    line = {
        "id": bindparam("new_item", type_=items.c.id.type),
        "variant_id": bindparam("new_variant", type_=items.c.variant_id.type),
        "product_id": bindparam("of_product", type_=items.c.product_id.type),
        "sku": bindparam("its_sku", type_=items.c.sku.type),
        "name": bindparam("its_name", type_=items.c.name.type),
        "quantity": bindparam("units", type_=items.c.quantity.type),
        "unit_price_amount": price,
        "currency": cart.c.currency,
    }
    only = bindparam("only_in", type_=Text)
    fits = price.is_not(None) & or_(only.is_(None), only == cart.c.currency)
    more = insert(items).from_select(["cart_id", *line], select(cart.c.id, *line.values()).where(fits))
    total = items.c.quantity + more.excluded.quantity
    latest = {name: more.excluded[name] for name in ("sku", "name", "unit_price_amount", "currency")}
    summed = more.on_conflict_do_update(
        index_elements=["cart_id", "variant_id"],
        set_={"quantity": total, **latest},
        where=total <= LINE_LIMIT,
    )
    return summed.returning(items.c.id)


def _beginning(column: str) -> CTE:
    """Id and currency of the owner's cart, made by the statement if it is the first; locked: adds queue.

    A currency that the shop does not sell in any more gives way.
    """
    carts = table_of(Cart)
    values: Json = {"id": bindparam("new_cart"), "currency": bindparam("cart_currency")}
    begun = insert(carts).values(values | {column: bindparam("owner")})
    is_sold = carts.c.currency == any_(bindparam("sold_in", type_=ARRAY(Text)))
    currency = case((is_sold, carts.c.currency), else_=begun.excluded.currency)
    held = begun.on_conflict_do_update(
        index_elements=[column], set_={"currency": currency, "updated_at": func.now()}
    )
    return held.returning(carts.c.id, carts.c.currency).cte("begun")


def _item(session: Session, owner: Party, item_id: UUID) -> CartItem:
    cart_id = touch(session, owner)
    mine = select(CartItem).where(CartItem.id == item_id, CartItem.cart_id == cart_id)
    item = session.scalars(locked(mine)).one_or_none()
    if item is None:
        raise NotFound("There is no such item in your cart.")
    return item


def touch(session: Session, owner: Party, **values: str | None) -> UUID | None:
    """Note that the owner uses the cart, which locks it, and set `values` of it.

    The answer is its id, or None if there never was one.
    """
    touched = update(Cart).where(owned_by(owner)).values(updated_at=func.now(), **values)
    return session.scalar(touched.returning(Cart.id))
