"""Filling a cart. Every change locks the cart first, then its items."""

from uuid import UUID

from sqlalchemy import CTE, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.carts.errors import CartFull, LineLimitReached
from app.carts.models import CART_LIMIT, LINE_LIMIT, Cart, CartItem
from app.carts.queries import CartView, cart_of, owned_by
from app.carts.services.merging import merged
from app.catalog.services import Sellable, sellable, sellable_by_sku
from app.platform.db import locked
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
    cart = _begun(owner, offer.currency)
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


def _begun(owner: Party, currency: str) -> CTE:
    """The id of the owner's cart, made by the statement if it is the first; locked, so that adds queue."""
    guest, user = {"token_hash": owner.token_hash}, {"user_id": owner.user_id}
    whose = guest if owner.user_id is None else user
    begun = insert(Cart).values(id=new_id(), currency=currency, **whose)
    held = begun.on_conflict_do_update(
        index_elements=list(whose), set_={"currency": currency, "updated_at": func.now()}
    )
    return held.returning(Cart.id).cte("begun")


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
