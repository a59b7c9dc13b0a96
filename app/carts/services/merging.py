"""A guest turns out to be a user: their cart and their orders become the user's."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import exists, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.carts.models import CART_LIMIT, LINE_LIMIT, Cart, CartItem
from app.orders import queries as order_queries
from app.orders import services as orders
from app.platform.db import locked
from app.platform.ids import new_id
from app.platform.party import Party
from app.pricing.services import coupons


def merged(session: Session, buyer: Party) -> Party:
    """The buyer as the owner of one cart: a user who holds a guest's token gets the guest's things first."""
    if buyer.user_id is None or buyer.token_hash is None:
        return buyer
    merge(session, user_id=buyer.user_id, token_hash=buyer.token_hash)
    return replace(buyer, token_hash=None)


def merge(session: Session, *, user_id: UUID, token_hash: str) -> None:
    """Put a guest's cart into the user's and delete it, and make the guest's orders the user's.

    Units of one article are summed up to LINE_LIMIT. Beyond CART_LIMIT articles, the guest's latest are left
    out; a coupon of the guest's counts if the user has none. Repeating changes nothing. Locks both carts by
    ascending id, then the guest's orders.
    """
    if not _left_by(session, token_hash):
        return
    theirs, mine = _lock_both(session, user_id, token_hash)
    if theirs is not None and mine is not None:
        _join(session, theirs, mine)
    # Before the cart is gone, because then its orders would not know it any more.
    with_coupon = orders.adopt(
        session, token_hash=token_hash, user_id=user_id, cart_id=mine.id if mine else None
    )
    if mine is not None:
        coupons.follow_cart(session, with_coupon, cart_id=mine.id)
    if theirs is not None:
        session.delete(theirs)
        session.flush()


def _left_by(session: Session, token_hash: str) -> bool:
    """Whether a guest has anything that could become a user's; most that send a token have not, any more."""
    cart = exists().where(Cart.token_hash == token_hash)
    return bool(session.scalar(select(or_(cart, exists().where(order_queries.unclaimed(token_hash))))))


def _lock_both(session: Session, user_id: UUID, token_hash: str) -> tuple[Cart | None, Cart | None]:
    """The guest's cart and the user's, which begins now if the guest has one; None for what is not there."""
    guests = Cart.token_hash == token_hash
    like_theirs = select(literal(new_id()), literal(user_id), Cart.currency, Cart.updated_at).where(guests)
    begun = insert(Cart).from_select(["id", "user_id", "currency", "updated_at"], like_theirs)
    session.execute(begun.on_conflict_do_nothing(index_elements=["user_id"]))
    both = select(Cart).where(or_(guests, Cart.user_id == user_id)).order_by(Cart.id)
    carts = {cart.user_id: cart for cart in session.scalars(locked(both))}
    # Whoever merged it while we waited for the lock has left none.
    return carts.get(None), carts.get(user_id)


def _join(session: Session, theirs: Cart, mine: Cart) -> None:
    in_both = select(CartItem).where(CartItem.cart_id.in_((theirs.id, mine.id)))
    items = session.scalars(locked(in_both.order_by(CartItem.added_at, CartItem.id))).all()
    kept = {item.variant_id: item for item in items if item.cart_id == mine.id}
    was_in = {cart.id: cart.currency for cart in (theirs, mine)}
    for item in items:
        item.currency = item.currency or was_in[item.cart_id]
        if item.cart_id == mine.id:
            continue
        if twin := kept.get(item.variant_id):
            twin.quantity = min(twin.quantity + item.quantity, LINE_LIMIT)
        elif len(kept) < CART_LIMIT:
            item.cart_id = mine.id
            kept[item.variant_id] = item
    mine.coupon_code = mine.coupon_code or theirs.coupon_code
    mine.currency = max(theirs, mine, key=lambda cart: cart.updated_at).currency
    # Not now: an order of unchanged lines is told from a new one by the cart's last change.
    mine.updated_at = max(theirs.updated_at, mine.updated_at)
    session.flush()
