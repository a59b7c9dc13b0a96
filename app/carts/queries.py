"""Reading a cart as its owner sees it: today's prices, and what is still to be had."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, bindparam, select
from sqlalchemy.orm import Session

from app.carts.models import Cart, CartItem
from app.catalog.services import Sellable, offer_in, offers
from app.inventory.queries import available_units
from app.media.queries import address
from app.platform.db import Json, table_of
from app.platform.errors import AppError
from app.platform.money import Money
from app.platform.party import Party
from app.pricing.services import (
    NO_DISCOUNT,
    Item,
    Rules,
    Totals,
    coupons,
    quote,
    shipping_price,
    totals_answer,
)
from app.pricing.services.coupons import Buying, Piece, Tried

KEPT_FOR = timedelta(days=30)
Offered = tuple[Sellable, int]
"""What the cart buys, and how many units of it."""
InCart = tuple[Row[Any], Sellable | None]
"""An item's columns, and what the catalog offers of it now, in the currency of the cart."""


@dataclass(frozen=True, slots=True)
class CartLine:
    """One article in a cart, at today's price.

    `previous_unit_price` is the price when it was added, if it has changed since. `available` are the units
    that can be promised now. An article that is off sale, or without a price in this currency, keeps its last
    price, with nothing available and a line total of 0: it is not part of the totals.
    """

    id: UUID
    product_id: UUID
    variant_id: UUID
    sku: str
    name: str
    image: str | None
    quantity: int
    unit_price: Money
    line_total: Money
    added_at: datetime
    previous_unit_price: Money | None
    available: int


@dataclass(frozen=True, slots=True)
class CartCoupon:
    """The coupon in a cart, and what it takes off; while there is a `problem` with it, nothing."""

    code: str
    discount: Money
    problem: AppError | None


@dataclass(frozen=True, slots=True)
class CartView:
    """A whole cart. One that was never begun has no id and no times."""

    id: UUID | None
    currency: str
    items: Sequence[CartLine]
    totals: Json
    updated_at: datetime | None
    coupon: CartCoupon | None = None

    @property
    def expires_at(self) -> datetime | None:
        """Until when it is kept if nobody touches it."""
        return None if self.updated_at is None else self.updated_at + KEPT_FOR


def owned_by(owner: Party) -> ColumnElement[bool]:
    """Which cart is the owner's: a user's own, else that of a guest's token; nobody has none."""
    column, value = owned(owner)
    return table_of(Cart).c[column] == bindparam("owner", value["owner"])  # of nobody, which equals nothing


def owned(owner: Party) -> tuple[str, Json]:
    """The same for statements that are built once: the column that tells, and the parameter `owner`."""
    if owner.user_id is not None:
        return "user_id", {"owner": owner.user_id}
    return "token_hash", {"owner": owner.token_hash}


def cart_of(session: Session, owner: Party, rules: Rules) -> CartView:
    """The owner's cart, priced by the rules with an estimate of shipping and tax; writes nothing."""
    column, value = owned(owner)
    rows = session.execute(cart_with_items(column), value).all()
    if not rows:
        return CartView(None, rules.currency, (), totals_answer(_quoted((), rules, None)), updated_at=None)
    cart = rows[0]
    items = [(row, on_sale(row, cart.currency)) for row in rows if row.id is not None]
    lines = [_line(item, cart.currency, offer) for item, offer in items]
    offered = [(offer, item.quantity) for item, offer in items if offer]
    tried = tried_coupon(session, cart, owner, offered)
    totals = _quoted(offered, replace(rules, currency=cart.currency), tried)
    return CartView(
        cart.cart_id, cart.currency, lines, totals_answer(totals), cart.updated_at, _coupon(tried, totals)
    )


@cache
def cart_with_items(column: str) -> Select[Any]:
    """A row for each item, with its offer; a cart that is empty has one without."""
    carts, items, offered, units = table_of(Cart), table_of(CartItem), offers(), available_units()
    own = (carts.c.id.label("cart_id"), carts.c.currency, carts.c.updated_at, carts.c.coupon_code)
    facts = (*own, units.c.available, items.c.currency.label("priced_in"))
    of_item = (each for each in items.c if each.name not in ("cart_id", "currency"))
    return (
        select(*offered.c, *facts, *of_item)
        .select_from(
            carts.outerjoin(items, items.c.cart_id == carts.c.id)
            .outerjoin(offered, offered.c.offered_variant_id == items.c.variant_id)
            .outerjoin(units, units.c.variant_id == items.c.variant_id)
        )
        .where(carts.c[column] == bindparam("owner"))
        .order_by(items.c.added_at, items.c.id)
    )


def on_sale(row: Row[Any], currency: str) -> Sellable | None:
    """The offer in a row that begins with the columns of `offers`, if it has a price in this currency."""
    offer = offer_in(row)
    return offer.priced_in(currency) if offer else None


def tried_coupon(session: Session, cart: Row[Any], owner: Party, offered: Sequence[Offered]) -> Tried | None:
    """What comes of the coupon in the cart; one statement more, if there is one."""
    if cart.coupon_code is None:
        return None
    buying = Buying(
        pieces=pieces_of(offered),
        currency=cart.currency,
        cart_id=cart.cart_id,
        customer=coupons.known_user(owner.user_id),
    )
    return coupons.attempt(session, cart.coupon_code, buying)


def items_of(offered: Sequence[Offered]) -> list[Item]:
    """What is priced."""
    return [
        Item(offer.price_amount, units, offer.weight_grams or 0, offer.tax_category)
        for offer, units in offered
    ]


def pieces_of(offered: Sequence[Offered]) -> list[Piece]:
    """What a coupon may be for."""
    return [Piece(offer.product_id, offer.seller_id, offer.price_amount * units) for offer, units in offered]


def _quoted(offered: Sequence[Offered], rules: Rules, tried: Tried | None) -> Totals:
    items = items_of(offered)
    discount = NO_DISCOUNT
    if tried is not None:
        shipping = shipping_price(items, rules=rules, destination=None, code=None)
        discount = tried.discount(shipping=shipping)
    return quote(items, rules=rules, destination=None, method_code=None, discount=discount)


def _coupon(tried: Tried | None, totals: Totals) -> CartCoupon | None:
    if tried is None:
        return None
    return CartCoupon(tried.code, Money(totals.discount, totals.currency), tried.problem)


def _line(item: Row[Any], currency: str, offer: Sellable | None) -> CartLine:
    added_for = Money(item.unit_price_amount, item.priced_in or currency)
    off_sale = CartLine(
        id=item.id,
        product_id=item.product_id,
        variant_id=item.variant_id,
        sku=item.sku,
        name=item.name,
        image=None,
        quantity=item.quantity,
        unit_price=added_for,
        line_total=Money(0, currency),
        added_at=item.added_at,
        previous_unit_price=None,
        available=0,
    )
    if offer is None:
        return off_sale
    price = Money(offer.price_amount, currency)
    return replace(
        off_sale,
        sku=offer.sku,
        name=offer.name,
        image=address(offer.image_key),
        unit_price=price,
        line_total=Money(offer.price_amount * item.quantity, currency),
        previous_unit_price=added_for if _has_changed(price, added_for) else None,
        available=item.available or 0,
    )


def _has_changed(price: Money, added_for: Money) -> bool:
    """A price in another currency is no older one."""
    return price.currency == added_for.currency and price != added_for
