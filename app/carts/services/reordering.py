"""Putting what was bought once into the cart again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from app.carts.errors import CartFull, LineLimitReached, NoPriceInCurrency
from app.carts.models import CART_LIMIT
from app.carts.queries import CartView, cart_of
from app.carts.services.filling import Wanted, put
from app.catalog.services import Sellable, sellable
from app.inventory.queries import availability
from app.platform.party import Party
from app.pricing.services import Rules

if TYPE_CHECKING:  # for hints; the models stay private to their package
    from app.orders.models import Order, OrderLine

NOT_SOLD, SOLD_OUT, TOO_MANY = LEFT_OUT = ("not_sold", "sold_out", "too_many")
"""Not sold, or not in this currency; fewer are left; the line in the cart would hold more than it may."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Units of an order's line that are not in the cart, and why."""

    line: "OrderLine"
    quantity: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reordered:
    """The cart as it then is, and what of the order is not in it."""

    cart: CartView
    left_out: Sequence[LeftOut]


def reorder(session: Session, owner: Party, order: "Order", *, rules: Rules) -> Reordered:
    """Put all of an order that is still to be had into the owner's cart, at today's prices.

    A cart that begins with it is in the order's currency, if the shop still sells in that. Repeating sums
    the units. No stock is reserved. Raises CartFull: then nothing was added.
    """
    offers = sellable(session, [line.variant_id for line in order.lines])
    stock = availability(session, offers)
    wanted = Wanted(order.currency if order.currency in rules.currencies else rules.currency, rules)
    left_out = [
        each
        for line in order.lines
        for each in _put(session, owner, line, offers.get(line.variant_id), stock, wanted)
    ]
    cart = cart_of(session, owner, rules)
    if len(cart.items) > CART_LIMIT:
        raise CartFull(f"A cart holds {CART_LIMIT} different articles at most. Remove some first.")
    return Reordered(cart, left_out)


def _put(
    session: Session,
    owner: Party,
    line: "OrderLine",
    offer: Sellable | None,
    stock: Mapping[UUID, int],
    wanted: Wanted,
) -> Iterator[LeftOut]:
    """What of the line cannot be put into the cart; the rest is."""
    if offer is None:
        yield LeftOut(line, line.quantity, NOT_SOLD)
        return
    units = min(line.quantity, stock.get(line.variant_id, 0))
    if units < line.quantity:
        yield LeftOut(line, line.quantity - units, SOLD_OUT)
    try:
        if units:
            put(session, owner, offer, units, wanted)
    except LineLimitReached:
        yield LeftOut(line, units, TOO_MANY)
    except NoPriceInCurrency:
        yield LeftOut(line, units, NOT_SOLD)
